"""What an operation of Python reads and writes."""
