"""Signing in, and what a signed-in person then holds."""
