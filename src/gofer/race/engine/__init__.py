"""FastTrack and its memory: vector clocks, shadows, stacks, and the probes in C."""
