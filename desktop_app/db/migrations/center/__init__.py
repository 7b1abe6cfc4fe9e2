"""The line of revisions for one center's schema; migrate.py runs it for each of them."""
