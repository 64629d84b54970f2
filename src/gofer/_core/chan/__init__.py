"""Channels and select. Floor 3 of the core."""
