"""What every use case is given: the person, the center, connections, the trust log and keys."""
