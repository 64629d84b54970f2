"""The one place that states gofer's version."""

__version__ = "0.1.0"
