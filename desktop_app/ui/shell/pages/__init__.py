"""Whole pages of the window: first start, signing in, the lock."""
