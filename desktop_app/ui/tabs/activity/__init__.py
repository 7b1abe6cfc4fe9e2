"""The Activity tab: the record of changes, read-only."""

from desktop_app.ui.tabs.activity.page import ActivityTab

__all__ = ["ActivityTab"]
