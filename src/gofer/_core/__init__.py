"""The core: goroutines, scheduling and waiting. Compiled; it knows nothing of the layers above it."""
