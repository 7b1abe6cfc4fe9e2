"""What the operating system gives to all parts alike, one of each: locks, folders, whole files, secrets in memory."""
