"""A center with people and documents, whose files and rows are damaged on purpose."""

import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.findings import Finding
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Role
from desktop_app.services.maintenance.doctor import Doctor, Wanted
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from tests.services.conftest import ROOT, Person, World


@dataclass(frozen=True)
class Ward:
    """A center with an administrator, a user and some documents, and the database's administrator at hand."""

    world: World
    center: Center
    admin: Lab
    user: Person
    work: CenterServices
    versions: list[tuple[UUID, UUID]]
    """Version id and file id, by id."""

    def found(self, lab: Lab | None = None, **how: Any) -> list[Finding]:
        return list((lab or self.admin).examine(self.center, **how))

    def of_installation(self) -> list[Finding]:
        """What is found without reading files and without any center."""
        root = self.world.lab(ROOT)
        return list(Doctor(root._context, root._opened).examine((), Wanted(deep=False)))

    def codes(self, **how: Any) -> list[str]:
        return [finding.code for finding in self.found(**how)]

    def file(self, at: int) -> Path:
        file_id = self.versions[at][1]
        return self.world.store / self.center.schema_name / file_id.hex[:2] / str(file_id)

    def really(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(self.world.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute(statement.replace("{s}", self.center.schema_name), values or None)
            return cursor.fetchall() if cursor.description else []


def made(world: World, folder: Path, count: int = 4) -> Ward:
    root, name = world.lab(ROOT), world.unused("ward")
    center = root.centers.create(CenterDraft(name=name, slug=name.replace(".", "-")))
    admin, user = world.person(Role.ADMIN, name), world.person(Role.USER, name)
    lab = world.enter(admin)
    work = lab.center(name)
    paths = [folder / f"{name} {number}.txt" for number in range(count)]
    for path in paths:
        path.write_bytes(os.urandom(300))
    assert work.documents.add(paths).not_saved == ()
    ward = Ward(world, center, lab, user, work, [])
    rows = ward.really("SELECT id::text, file_id::text FROM {s}.document_versions ORDER BY id")
    ward.versions.extend((UUID(version), UUID(file)) for version, file in rows)
    return ward
