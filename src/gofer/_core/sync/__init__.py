"""The sync types, the atomics and gofer.Map. Floor 3 of the core."""
