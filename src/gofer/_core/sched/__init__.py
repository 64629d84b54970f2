"""Scheduling: goroutines, workers and run queues, timers, the monitor, the deadlock check. Floor 2 of the core."""
