"""What is done to an installation without being signed in, or with the database administrator's rights."""
