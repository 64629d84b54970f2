"""The happens-before edges of the standard library."""
