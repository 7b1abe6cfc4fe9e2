"""The only place with words for people that are made from data."""
