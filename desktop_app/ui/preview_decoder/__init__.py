"""Pictures and PDF pages are decoded in a process of their own, which has no keys and may fail without harm."""
