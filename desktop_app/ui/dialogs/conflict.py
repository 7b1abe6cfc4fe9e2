"""A file whose title a document already has: new version, keep both, or skip; for this one or for all."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QDialog, QRadioButton, QWidget

from desktop_app.domain.records import Document
from desktop_app.services.adding import ConflictQuestion, OnConflict
from desktop_app.ui import wording
from desktop_app.ui.transfers import Answer
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.styling import column, heading, muted, row, take_needed_height

WIDTH = 480


class ConflictDialog(QDialog):
    """Asks once per file unless the person says for all; leaving it skips the file."""

    def __init__(
        self, question: ConflictQuestion, reply: Callable[[Answer], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("The same name twice"))
        self.setMinimumWidth(WIDTH)
        self._reply = reply
        self.choices = QButtonGroup(self)
        self.for_all = QCheckBox(self.tr("Do the same with &all that follow"))
        self.verb = Button(self.tr("Go on"), kind=Kind.PRIMARY)
        self.verb.setDefault(True)
        self.verb.clicked.connect(self.accept)
        self._build(question)
        take_needed_height(self, WIDTH)
        self.finished.connect(self._on_finished)

    def choose(self, choice: OnConflict) -> None:
        """Tick a choice."""
        self.choices.button(list(OnConflict).index(choice)).setChecked(True)

    def _build(self, question: ConflictQuestion) -> None:
        layout = column(self, margin=24, gap=12)
        title = self.tr("“{title}” exists already") if question.existing else self.tr("Two files are called “{title}”")
        layout.addWidget(heading(title.format(title=question.title), 2))
        layout.addWidget(muted(self._about(question)))
        for choice, words in (
            (OnConflict.VERSION, self.tr("Save as &version {number} of it").format(number=question.number)),
            (OnConflict.KEEP, self.tr("&Keep both: a document of its own")),
            (OnConflict.SKIP, self.tr("&Skip this file")),
        ):
            button = QRadioButton(words)
            self.choices.addButton(button, list(OnConflict).index(choice))
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.choose(OnConflict.VERSION)
        layout.addSpacing(4)
        layout.addWidget(self.for_all, 0, Qt.AlignmentFlag.AlignLeft)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(self.verb)
        layout.addLayout(buttons)

    def _about(self, question: ConflictQuestion) -> str:
        lines = [self._existing(question.existing)] if question.existing else []
        if question.twin is not None:
            lines.append(
                self.tr("Before it in this drop: {path}\nThis file: {this}").format(
                    path=question.twin.path, this=question.path
                )
            )
        return "\n".join(lines)

    def _existing(self, existing: tuple[Document, ...]) -> str:
        newest = existing[0]
        text = self.tr("It has version {number}, {size}, from {when} by {who}.").format(
            number=newest.latest_number,
            size=wording.size(newest.size),
            when=wording.short_date(newest.updated_at),
            who=wording.who(newest.updated_by),
        )
        if len(existing) > 1:
            more = self.tr("{count} documents have this title; the newest is meant.")
            text += " " + more.format(count=len(existing))
        return text

    def _on_finished(self, result: int) -> None:
        if result != QDialog.DialogCode.Accepted:
            self._reply(Answer(OnConflict.SKIP))
            return
        self._reply(Answer(list(OnConflict)[self.choices.checkedId()], self.for_all.isChecked()))
