"""Table models over the paged lists of the services."""
