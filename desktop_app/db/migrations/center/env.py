"""Alembic's entry into the line of centers; migrate.py gives the connection and the schema."""

from desktop_app.db.migrations import run_line

run_line()
