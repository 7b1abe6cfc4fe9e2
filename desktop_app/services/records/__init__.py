"""Samples, people, centers and the record of changes."""
