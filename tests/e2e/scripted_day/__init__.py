"""A day in the laboratory: two windows, each a process, do what a script says while the server is restarted."""
