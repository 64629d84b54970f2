"""What is told of a race, and how."""
