"""The action that copies a link to what is shown: ids only, for who may see it."""

from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication

from desktop_app.domain.links import Link, LinkKind
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.widgets.actions import Action, ActionAppearance


def link_action(page: RecordTab[Any], kind: LinkKind | None = None) -> Action[Any]:
    """What a tab of samples or documents (*kind*) or of centers adds to its actions."""
    tip = QCoreApplication.translate("Link", "A link that opens this in Labkeep, for who may see it; it says no names")

    def copy(subject: Any) -> None:
        QGuiApplication.clipboard().setText(str(_link(page, kind, subject)))
        page.context.messages.say(QCoreApplication.translate("Link", "The link is copied."))

    return Action("link", ActionAppearance(QCoreApplication.translate("Link", "Copy &link"), "link", tip=tip), copy)


def _link(page: RecordTab[Any], kind: LinkKind | None, subject: Any) -> Link:
    installation = page.context.lab.profile.installation_id
    if kind is None:
        return Link(installation, subject.id)
    assert page.work is not None  # without a center there is no record to be shown
    return Link(installation, page.work.center.id, kind, subject.id)
