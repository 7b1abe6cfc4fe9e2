"""The Documents tab: the whole tab takes files and folders."""

from desktop_app.ui.tabs.documents.page import DocumentsTab

__all__ = ["DocumentsTab"]
