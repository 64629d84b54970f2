"""From source to code with probes."""
