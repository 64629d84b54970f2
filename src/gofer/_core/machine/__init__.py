"""What knows nothing of goroutines: guards, flags and bells, greenlet switches, clocks, errors. Floor 1 of the core."""
