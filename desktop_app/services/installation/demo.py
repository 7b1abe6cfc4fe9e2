"""The demo installation: made by the same services that people use, as the people of the demo."""

import shutil
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from desktop_app.domain.drafts import DocumentDraft, UserDraft
from desktop_app.domain.lifecycle import Step
from desktop_app.domain.profiles import Profile
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Role
from desktop_app.errors import LabkeepError, RefusedError
from desktop_app.services.installation.demo_data import (
    PATH_TO,
    DemoAccount,
    DemoData,
    DemoDocument,
    DemoSample,
    read_demo_data,
    system_administrator,
)
from desktop_app.services.installation.setup import InitRequest, InstallationSetup
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from desktop_app.services.session.sign_in import SignInService
from desktop_app.storage.profiles import ProfileStore
from desktop_app.system.folders import make_private_folder
from desktop_app.system.locks import FileLock, hold_alone

DEMO_NAME = "Labkeep demo"


@dataclass(frozen=True)
class DemoResult:
    """Where the demo is and who may be in it; the passwords are fixed and printed on purpose."""

    profile: Profile
    accounts: tuple[DemoAccount, ...]
    made: bool
    """False where the demo existed already and nothing was done."""

    @property
    def administrator(self) -> DemoAccount:
        """Who sees everything in the demo."""
        return system_administrator(self.accounts)


@dataclass(frozen=True)
class Demo:
    """Makes the demo once; asked again it only says what there is."""

    set_up: InstallationSetup
    sign_in: SignInService
    profiles: ProfileStore
    data_dir: Path

    def existing(self) -> Profile | None:
        """The demo's profile on this workstation, if it was made, to its end."""
        if self._unfinished.exists():
            return None
        return next((profile for profile in self.profiles.list() if profile.display_name == DEMO_NAME), None)

    def accounts(self) -> tuple[DemoAccount, ...]:
        """The people of the demo with their printed passwords."""
        return read_demo_data().accounts

    def administrator(self) -> DemoAccount:
        """Who sees everything in the demo."""
        return system_administrator(self.accounts())

    def accounts_of(self, profile: Profile) -> tuple[DemoAccount, ...]:
        """Whose passwords may be offered at the sign-in: the demo's people in the demo, nobody elsewhere."""
        existing = self.existing()
        is_demo = existing is not None and existing.installation_id == profile.installation_id
        return self.accounts() if is_demo else ()

    def make(self, report: Report = silent) -> DemoResult:
        """Make the demo installation on a built-in server of its own; one whose maker was killed is made anew.

        LockBusyError while another program makes it, RefusedError where its folder cannot be used.
        """
        data = read_demo_data()
        if (existing := self.existing()) is not None:
            return DemoResult(existing, data.accounts, made=False)
        with closing(self._alone()):
            if (existing := self.existing()) is not None:
                return DemoResult(existing, data.accounts, made=False)
            self._begin_anew()
            profile = self._make(data, report)
            self._unfinished.unlink()
        return DemoResult(profile, data.accounts, made=True)

    @property
    def _home(self) -> Path:
        return self.data_dir / "demo"

    @property
    def _unfinished(self) -> Path:
        """Is there from before the first step until the last one is done."""
        return self._home / "unfinished"

    def _alone(self) -> FileLock:
        try:
            return hold_alone(make_private_folder(self._home) / "making.lock")
        except OSError as error:
            why = error.strerror
            raise RefusedError(
                "The demo cannot be made in {folder}: {reason}.", folder=self._home, reason=why
            ) from None

    def _begin_anew(self) -> None:
        """Take away what a maker left that was killed; only what bears the mark, and by the names that it gave."""
        server, store = self._home / "server", self._home / "store"
        if self._unfinished.exists():
            for profile in self.profiles.list():
                if profile.data_dir == str(server):
                    self.profiles.remove(profile.installation_id)
            self.set_up.servers.remove_builtin(server)
            shutil.rmtree(store, ignore_errors=True)
        self._unfinished.touch()

    def _make(self, data: DemoData, report: Report) -> Profile:
        administrator = system_administrator(data.accounts)
        request = InitRequest(
            display_name=DEMO_NAME,
            administrator=_draft(administrator, None),
            password=administrator.password,
            store=None,
            home=self._home,
            needs_kit=False,
        )
        profile = self.set_up.init(request).profile
        try:
            self.fill(profile, administrator.username, administrator.password, data, report)
        except BaseException:
            self.profiles.remove(profile.installation_id)
            raise
        return profile

    def fill(
        self, profile: Profile, username: str, password: str, data: DemoData | None = None, report: Report = silent
    ) -> tuple[DemoAccount, ...]:
        """Put the demo's centers, people, samples and documents into an installation."""
        data = data or read_demo_data()
        total = len(data.centers) + len(data.samples) + len(data.documents)
        done = 0
        with self.sign_in.sign_in(profile, username, password) as lab:
            for draft in data.centers:
                center = lab.centers.create(draft)
                _create_people(lab, center, data)
                report(done := done + 1, total)
        for draft in data.centers:
            done = self._fill_center(profile, draft.slug, data, done, total, report)
        return tuple(account for account in data.accounts if account.center)

    def _fill_center(self, profile: Profile, slug: str, data: DemoData, done: int, total: int, report: Report) -> int:
        samples = [sample for sample in data.samples if sample.center == slug]
        documents = [document for document in data.documents if document.center == slug]
        account = next(each for each in data.accounts if each.center == slug and each.role is Role.ADMIN)
        with self.sign_in.sign_in(profile, account.username, account.password) as lab, lab.center(slug) as work:
            people = {person.username: person.id for person in work.people.list()}
            for field in (each for each in data.fields if each.center == slug):
                work.fields.create(field.draft, field.key)
            # The record reads newest first, and so do the lists: the first of the data is to stand on top.
            for sample in reversed(samples):
                work.samples.create(replace(sample.draft, user_id=people.get(sample.username)))
                report(done := done + 1, total)
            for document in documents:
                _add(work, document)
                report(done := done + 1, total)
            for sample in samples:
                _move(work, sample)
        return done


def _create_people(lab: Lab, center: Center, data: DemoData) -> None:
    for account in data.accounts:
        if account.center == center.slug:
            lab.users.create(_draft(account, center), account.password, keep_password=True)


def _draft(account: DemoAccount, center: Center | None) -> UserDraft:
    return UserDraft(
        username=account.username,
        email=account.email,
        role=account.role,
        center_id=None if center is None else center.id,
        first_name=account.first_name,
        last_name=account.last_name,
        phone=account.phone,
    )


def _add(work: CenterServices, document: DemoDocument) -> None:
    sample_id = work.samples.get(document.sample).id if document.sample else None
    result = work.documents.add([document.path], sample_id=sample_id).results[0]
    if result.id is None:
        raise LabkeepError("The demo's document could not be saved: {reason}", reason=result.reason)
    saved = work.documents.get(result.id)
    work.documents.update(
        saved,
        DocumentDraft(
            title=document.title, document_type=document.document_type, tags=document.tags, sample_id=sample_id
        ),
    )


def _move(work: CenterServices, sample: DemoSample) -> None:
    current = work.samples.get(sample.draft.barcode)
    for step in PATH_TO[sample.status]:
        current = work.samples.step(current, step, sample.reason if step is Step.REJECT else "")
