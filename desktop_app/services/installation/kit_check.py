"""What a recovery kit opens, tried with the kit alone; nothing is changed, and nothing in clear is written down."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from desktop_app.crypto.errors import OtherKitError, ReplacedKitError
from desktop_app.crypto.recovery_kit import RecoveryKit, fingerprint_words
from desktop_app.db import documents as document_rows
from desktop_app.db import registry
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.paging import pages
from desktop_app.domain.profiles import Profile
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Standing
from desktop_app.errors import Cancelled, LabkeepError
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.key_grants import center_keys
from desktop_app.services.documents.download import Downloader
from desktop_app.services.installation.kit_context import KitContext, root_identity

SAMPLE = 10
"""So many stored versions of each center are opened in a drill, if nobody says how many."""


class KitState(StrEnum):
    """Whose kit it is."""

    CURRENT = "current"
    REPLACED = "replaced"
    """Of this installation, and another one has taken its place."""
    OTHER = "other"
    """Of another installation."""


@dataclass(frozen=True)
class KitProblem:
    """Something that the kit does not open: a stored version by its id, or (None) the center's keys."""

    version_id: UUID | None
    problem: str


@dataclass(frozen=True)
class CenterCheck:
    """What the kit opens of one center."""

    id: UUID
    name: str
    keys: int
    """Versions of the key that the trust log names."""
    keys_opened: int
    versions: int = 0
    """Stored versions of documents; 0 where only keys were asked for."""
    tried: int = 0
    opened: int = 0
    """So many of those tried were opened, whole, and are what their uploaders signed."""
    problems: tuple[KitProblem, ...] = ()


@dataclass(frozen=True)
class KitReport:
    """What was found out about a kit."""

    id: UUID
    """The installation's."""
    installation: str
    fingerprint: str
    """The kit's own, as words."""
    state: KitState
    centers: tuple[CenterCheck, ...] = ()
    problems: tuple[str, ...] = ()
    """Sentences on the installation as a whole."""

    @property
    def is_good(self) -> bool:
        """Whether it is the kit that counts and opened everything that was tried."""
        return self.state is KitState.CURRENT and not self.problems and not any(c.problems for c in self.centers)


def examine(context: KitContext, kit: RecoveryKit, sample: int, report: Report = silent) -> KitReport:
    """Open every key of every center, and *sample* stored versions of each; what does not open is in the answer."""
    profile = context.profile
    try:
        context.held = root_identity(kit, context.trust.state)
    except ReplacedKitError as error:
        return _report(profile, kit, KitState.REPLACED, problems=(error.message,))
    except OtherKitError as error:
        return _report(profile, kit, KitState.OTHER, problems=(error.message,))
    problems = [] if context.rollback_of(None) is None else [str(context.rollback_of(None))]
    if sample:
        problems += _problems_of_store(context)
    with context.shared.begin() as session:
        centers = list(
            pages(lambda after, size: registry.list_centers(session, CenterFilter(include_inactive=True), after, size))
        )
    found = []
    for done, center in enumerate(centers):
        report(done, len(centers))
        found.append(_center(context, center, sample))
    return _report(profile, kit, KitState.CURRENT, tuple(found), tuple(problems))


def _report(
    profile: Profile,
    kit: RecoveryKit,
    state: KitState,
    centers: tuple[CenterCheck, ...] = (),
    problems: tuple[str, ...] = (),
) -> KitReport:
    fingerprint = fingerprint_words(kit.fingerprint())
    return KitReport(profile.installation_id, profile.display_name, fingerprint, state, centers, problems)


def _problems_of_store(context: KitContext) -> Iterator[str]:
    try:
        context.store.check_marker()
    except LabkeepError as error:
        yield error.message


def check_keys(context: KitContext, center: Center) -> CenterCheck:
    """Open every key of a center; what does not open is in the answer."""
    named = len(context.trust.state.register.keys.get(center.id, ()))
    try:
        with context.shared.begin() as session:
            opened = len(center_keys(context, session, center.id).keys)
    except Cancelled:
        raise
    except LabkeepError as error:
        return CenterCheck(center.id, center.name, named, 0, problems=(KitProblem(None, error.message),))
    missing = Message("{count} of {all} keys are not sealed to this kit.", count=named - opened, all=named)
    problems = [] if named == opened else [KitProblem(None, missing)]
    return CenterCheck(center.id, center.name, named, opened, problems=tuple(problems))


def _center(context: KitContext, center: Center, sample: int) -> CenterCheck:
    checked = check_keys(context, center)
    if not sample or not checked.keys_opened:
        return checked
    problems = list(checked.problems)
    work = CenterContext(context, center, Standing.SYSTEM)
    with work.read() as session:
        count, chosen = document_rows.count_versions(session), document_rows.some_versions(session, sample)
    failed = 0
    for version in chosen:
        try:
            Downloader(work).verify(version, silent)
        except Cancelled:
            raise
        except LabkeepError as error:
            failed += 1
            problems.append(KitProblem(version.id, error.message))
    work.forget()
    opened = len(chosen) - failed
    return replace(checked, versions=count, tried=len(chosen), opened=opened, problems=tuple(problems))
