"""Programs for people who work on Labkeep; nothing here is installed with it."""
