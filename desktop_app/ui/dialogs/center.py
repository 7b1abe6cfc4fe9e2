"""Making a center, perhaps with its first administrator, and editing one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.domain.drafts import CenterDraft, UserDraft, parse_object
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Role
from desktop_app.domain.text_rules import clean, normal_username, slug_of
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.text.metadata import metadata_text
from desktop_app.ui.widgets.field import Field, LongText

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
            FormText(self.tr("New center"), self.tr("Create center"), intro)
            if center is None
            else FormText(self.tr("Edit center"), self.tr("Save"))
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
        self._settings = Field("settings", self.tr("S&ettings"), LongText(3), self.tr("A JSON object; usually empty."))
        self._username = Field(
            "username",
            self.tr("First &administrator"),
            QLineEdit(),
            self.tr("A new user name, or nothing: people can be given places later."),
        )
        self._email = Field("email", self.tr("The administrator's e&mail"), QLineEdit())
        rows = [[self._name], [self._slug], [self._description], [self._settings]]
        if center is None:
            rows.append([self._username, self._email])
        else:
            self.adopt(center, CenterDraft.of(center))
        if not may_rename:
            for field in (self._name, self._slug):
                field.set_locked(self.tr("Only system administrators rename centers."))
        self._name.edited.connect(self._on_name)
        self.set_form(rows, self.problems, self._collect_work)

    def adopt(self, record: Center, draft: CenterDraft) -> None:
        """Edit this center, beginning with this draft."""
        self._center = record
        self._name.set_value(draft.name)
        self._slug.set_value(draft.slug)
        self._description.set_value(draft.description)
        self._settings.set_value(metadata_text(draft.settings))

    def problems(self) -> dict[str, str]:
        """Field name to sentence."""
        first = self._first()
        found = {} if first is None else first.problems()
        try:
            settings = parse_object(self._settings.value)
        except ValueError as error:
            return found | self._draft({}).problems() | {"settings": str(error)}
        return found | self._draft(settings).problems()

    def _first(self) -> UserDraft | None:
        """The first administrator, where one is named; role and center are the service's to say."""
        username, email = normal_username(self._username.value), clean(self._email.value)
        return UserDraft(username=username, email=email, role=Role.ADMIN, center_id=None) if username or email else None

    def _draft(self, settings: Mapping[str, Any]) -> CenterDraft:
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
        draft = self._draft(parse_object(self._settings.value))
        if center is not None:
            return lambda: centers.edit(center, draft)
        if first is not None:
            return lambda: centers.create_with_administrator(draft, first)
        return lambda: centers.create(draft)
