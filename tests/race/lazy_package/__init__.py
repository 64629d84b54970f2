"""A package that is imported lazily."""
