"""The Samples tab: the lab's specimens and their steps."""

from desktop_app.ui.tabs.samples.page import SamplesTab

__all__ = ["SamplesTab"]
