"""Attacks on the database with real persons' credentials."""
