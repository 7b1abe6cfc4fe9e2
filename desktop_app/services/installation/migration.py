"""Bringing an installation's schemas to the revisions of this program, with the database administrator's rights."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from desktop_app.db.migrate import heads, migrate_centers, migrate_shared
from desktop_app.db.migration_state import CenterRevision, Revisions, read_revisions
from desktop_app.domain.ids import parse_id
from desktop_app.domain.profiles import Profile
from desktop_app.errors import NotFoundError, RefusedError
from desktop_app.services.context.connections import Servers


@dataclass(frozen=True)
class MigrationStep:
    """One schema: what it had, what it has now (or would have), and the sentence of a failure."""

    id: UUID
    """The center's; for the shared schema the installation's."""
    name: str
    before: str
    after: str
    problem: str | None = None


@dataclass(frozen=True)
class Migration:
    """Migrates installations."""

    servers: Servers

    def run(
        self,
        profile: Profile,
        dsn: str | None,
        *,
        shared_only: bool = False,
        center: str | None = None,
        dry_run: bool = False,
    ) -> tuple[MigrationStep, ...]:
        """Everything, the shared schema only, or one center (name, slug or id); a failed center stops no other.

        *dsn* is the database administrator's; the built-in server has its own.
        """
        admin_dsn = self.servers.administrator_dsn(profile, dsn)
        found = read_revisions(admin_dsn)
        if found.installation_id != profile.installation_id:
            raise RefusedError("This DSN leads to another installation than the profile names; nothing was changed.")
        chosen = found.centers if center is None else (_find(found, center),)
        if dry_run:
            return tuple(_planned(found, () if shared_only else chosen, with_shared=center is None))
        steps: list[MigrationStep] = []
        if center is None:
            after = migrate_shared(admin_dsn)
            steps.append(MigrationStep(found.installation_id, "shared", found.shared, after))
        if not shared_only:
            only = None if center is None else chosen[0].center_id
            steps.extend(
                MigrationStep(done.center_id, done.name, done.before, done.after, done.problem)
                for done in migrate_centers(admin_dsn, only)
            )
        return tuple(steps)


def _find(found: Revisions, ref: str) -> CenterRevision:
    center_id = parse_id(ref)
    for center in found.centers:
        if ref in (center.slug, center.name) or center.center_id == center_id:
            return center
    raise NotFoundError("There is no center {ref}.", ref=ref)


def _planned(found: Revisions, centers: tuple[CenterRevision, ...], *, with_shared: bool) -> Iterator[MigrationStep]:
    newest = heads()
    if with_shared:
        yield MigrationStep(found.installation_id, "shared", found.shared, newest.shared)
    for center in centers:
        yield MigrationStep(center.center_id, center.name, center.revision, newest.center)
