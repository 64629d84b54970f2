"""What happens at a deadline: sleepers, timers, tickers. Floor 4 of the core."""
