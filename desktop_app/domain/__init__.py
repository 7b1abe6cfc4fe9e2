"""The words and rules of Labkeep, in the standard library only."""
