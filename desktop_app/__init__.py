"""Labkeep: samples and sealed documents for laboratories that share one installation."""

__version__ = "0.1.0"
