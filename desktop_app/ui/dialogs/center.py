"""Making a center, perhaps with its first administrator, and editing one."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QLineEdit, QWidget

from desktop_app.domain.drafts import CenterDraft, UserDraft, parse_object
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Role
from desktop_app.domain.text_rules import clean, normal_username, slug_of
from desktop_app.ui.dialogs.center_settings import REASONS, CenterSettings
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.text.metadata import metadata_text
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.field import Field, LongText
from desktop_app.ui.widgets.styling import heading

if TYPE_CHECKING:
    from desktop_app.services.records.centers import Centers


class CenterDialog(FormDialog):
    """A new center, or an existing one to be edited; *may_rename* is for system administrators.

    ``saved`` brings the Center, or a NewCenter where its first administrator was made with it.
    """

    def __init__(
        self,
        jobs: Jobs,
        centers: "Centers",
        center: Center | None = None,
        parent: QWidget | None = None,
        *,
        may_rename: bool = True,
    ) -> None:
        intro = self.tr("Its samples and documents are invisible to other centers.")
        text = (
            FormText(self.tr("New center"), self.tr("Create center"), intro, width=560)
            if center is None
            else FormText(self.tr("Edit center"), self.tr("Save"), width=560)
        )
        super().__init__(jobs, text, parent)
        self._centers = centers
        self._center: Center | None = None
        self._name = Field("name", self.tr("&Name"), QLineEdit())
        self._slug = Field(
            "slug",
            self.tr("&Short name"),
            QLineEdit(),
            self.tr("For commands and scripts: lower-case letters, digits and hyphens."),
        )
        self._description = Field("description", self.tr("&Description"), LongText(4))
        self.settings = CenterSettings()
        self._json = Field(
            "settings", self.tr("Other s&ettings"), LongText(3), self.tr("What is in no field, as a JSON object.")
        )
        self._asked = heading(self.tr("A reason is asked for"), 3)
        self._advanced = Button("", kind=Kind.LINK)
        self._advanced.clicked.connect(lambda: self._set_advanced(self._json.isHidden()))
        self._username = Field(
            "username",
            self.tr("First &administrator"),
            QLineEdit(),
            self.tr("A new user name, or nothing: people can be given places later."),
        )
        self._email = Field("email", self.tr("The administrator's e&mail"), QLineEdit())
        rows = [[self._name], [self._slug], [self._description]]
        if center is None:
            rows.append([self._username, self._email])
        else:
            self.adopt(center, CenterDraft.of(center))
        before_settings = len(rows)
        rows += [*self.settings.rows, [self._json]]
        if not may_rename:
            for field in (self._name, self._slug):
                field.set_locked(self.tr("Only system administrators rename centers."))
        self._name.edited.connect(self._on_name)
        self.set_form(rows, self.problems, self._collect_work)
        self._put_into_page(before_settings)

    def adopt(self, record: Center, draft: CenterDraft) -> None:
        """Edit this center, beginning with this draft."""
        self._center = record
        self._name.set_value(draft.name)
        self._slug.set_value(draft.slug)
        self._description.set_value(draft.description)
        self._json.set_value(metadata_text(self.settings.show(draft.settings)))

    def problems(self) -> dict[str, str]:
        """Field name to sentence."""
        first = self._first()
        found = self.settings.problems() | ({} if first is None else first.problems())
        try:
            draft = self._draft()
        except ValueError as error:
            return found | self._draft(with_settings=False).problems() | {"settings": str(error)}
        problems = draft.problems()
        if self.settings.problems():
            # Said at its field.
            problems.pop("settings", None)
        return found | problems

    def submit(self) -> None:
        """Check and save; what is wrong is seen, also where it is under Advanced."""
        if any(name.partition(".")[0] == "settings" for name in self.problems()):
            self._set_advanced(True)
        super().submit()

    def _label(self, name: str) -> str:
        """Of what others changed meanwhile, too."""
        return self._asked.text() if name == f"settings.{REASONS}" else super()._label(name)

    def _put_into_page(self, at: int) -> None:
        page = self._page.layout()
        if isinstance(page, QBoxLayout):
            page.insertWidget(at + 2, self._asked)
            page.insertWidget(page.count() - 2, self._advanced, 0, Qt.AlignmentFlag.AlignLeft)
        QWidget.setTabOrder(self._advanced, self._json.editor)
        self._set_advanced(False)

    def _set_advanced(self, shown: bool) -> None:
        """JSON; of a new center all settings, which are usual until somebody wants them otherwise."""
        of_new = [self._asked, *(field for row in self.settings.rows for field in row)] if self._center is None else []
        for each in (*of_new, self._json):
            each.setVisible(shown)
        self._advanced.setText(self.tr("Hide advanced") if shown else self.tr("Ad&vanced"))

    def _first(self) -> UserDraft | None:
        """The first administrator, where one is named; role and center are the service's to say."""
        username, email = normal_username(self._username.value), clean(self._email.value)
        return UserDraft(username=username, email=email, role=Role.ADMIN, center_id=None) if username or email else None

    def _draft(self, *, with_settings: bool = True) -> CenterDraft:
        """ValueError, with a sentence, where what stands under Advanced is no JSON object."""
        settings = dict(parse_object(self._json.value)) | self.settings.value() if with_settings else {}
        return CenterDraft(
            name=clean(self._name.value),
            slug=clean(self._slug.value),
            description=clean(self._description.value),
            settings=settings,
        )

    def _on_name(self) -> None:
        # Until the person writes a short name himself, it follows the name.
        if self._center is None and not self._slug.is_touched:
            self._slug.set_value(slug_of(self._name.value))

    def _collect_work(self) -> Work:
        centers, center, first = self._centers, self._center, self._first()
        draft = self._draft()
        if center is not None:
            return lambda: centers.edit(center, draft)
        if first is not None:
            return lambda: centers.create_with_administrator(draft, first)
        return lambda: centers.create(draft)
