"""The Users tab: people with a login."""

from desktop_app.ui.tabs.users.page import UsersTab

__all__ = ["UsersTab"]
