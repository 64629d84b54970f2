"""What meets the rest of Python: futures, calls on helper threads, executors. Floor 4 of the core."""
