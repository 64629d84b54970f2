"""Contexts and the groups that cancel them. Floor 4 of the core."""
