"""The Centers tab: the tenants of the installation."""

from desktop_app.ui.tabs.centers.page import CentersTab

__all__ = ["CentersTab"]
