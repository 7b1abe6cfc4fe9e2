"""Work that is failed, cut off or killed at each of its steps in turn, and what is true afterwards."""
