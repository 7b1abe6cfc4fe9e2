"""What somebody was writing when Labkeep ended: each of it to be continued or discarded."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QWidget

from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.text import formatting
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.card import Card
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.styling import column, muted, row, scrolling, take_any_width

if TYPE_CHECKING:
    from desktop_app.services.session.drafts import Draft

WIDTH, HIGHEST, CARD = 560, 560, 92


class DraftsDialog(QDialog):
    """One card for each; closed, nothing is decided, and they are offered again at the next sign-in."""

    continued = Signal(object)
    discarded = Signal(object)

    def __init__(self, drafts: "Sequence[Draft]", parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(True)
        entitle(self, self.tr("What you were writing"))
        self.later = Button(self.tr("Later"))
        self.later.clicked.connect(self.reject)
        self._left = len(drafts)
        page = QWidget()
        inside = column(page, gap=8)
        inside.setContentsMargins(0, 0, 0, 0)
        cards = [self._card(draft) for draft in drafts]
        for card in cards:
            inside.addWidget(card)
        inside.addStretch(1)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(self.later)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(title_heading(self))
        layout.addWidget(
            muted(self.tr("None of it was saved. It is kept on this computer, sealed, until you save or discard it."))
        )
        layout.addWidget(scrolling(page), 1)
        layout.addLayout(buttons)
        if cards:
            # Else Enter would begin with what is thrown away, which stands first.
            cards[0].setFocus()
        fit_to_screen(self, WIDTH, min(HIGHEST, 190 + CARD * len(drafts)))

    def _card(self, draft: "Draft") -> Card:
        card = Card(margin=12, gap=4)
        title = take_any_width(PlainLabel(draft.content.title))
        title.setWordWrap(True)
        go_on = Button(self.tr("Continue"), kind=Kind.PRIMARY if self._left == 1 else Kind.PLAIN)
        discard = Button(self.tr("Discard…"))
        for button in (go_on, discard):
            button.setAccessibleName(f"{button.text()} {draft.content.title}")
            button.setAutoDefault(False)
        go_on.clicked.connect(lambda: self._on_continued(draft))
        discard.clicked.connect(lambda: self._on_discard(draft, card))
        card.setFocusProxy(go_on)
        line = row(gap=8)
        line.addWidget(muted(formatting.short_date(draft.at), caption=True), 1)
        line.addWidget(discard)
        line.addWidget(go_on)
        card.body.addWidget(title)
        card.body.addLayout(line)
        return card

    def _on_continued(self, draft: "Draft") -> None:
        self.accept()
        self.continued.emit(draft)

    def _on_discard(self, draft: "Draft", card: Card) -> None:
        question = Question(
            self.tr("Discard what you were writing?"),
            draft.content.title,
            self.tr("Discard"),
            danger=True,
            cancel=self.tr("Keep it"),
        )
        ask(self, question, lambda: self._discard(draft, card))

    def _discard(self, draft: "Draft", card: Card) -> None:
        card.hide()
        self.discarded.emit(draft)
        self._left -= 1
        if not self._left:
            self.accept()
