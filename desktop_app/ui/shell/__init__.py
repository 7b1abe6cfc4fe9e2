"""The one window around the tabs, its pages, and what it watches."""
