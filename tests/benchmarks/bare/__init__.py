"""What Labkeep's start is held against: the smallest programs of their kind, which import nothing of Labkeep."""
