"""An installation of its own for the measurements: one center, one administrator, the database's superuser."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from desktop_app.bootstrap import App, build
from desktop_app.domain.drafts import CenterDraft, UserDraft
from desktop_app.domain.profiles import Profile
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Role
from desktop_app.server.launcher import BuiltinServer
from desktop_app.services.installation.setup import InitRequest
from desktop_app.services.session.lab import Lab

PASSWORD = "Quartz-Lagoon-77"
INSERT_SAMPLES = """
    insert into samples (id, name, description, sample_type, status, barcode, user_id, metadata,
                         created_at, updated_at, created_by, updated_by, is_active, row_version)
    select gen_random_uuid(), 'Sample ' || n || ' ' || substr(md5(n::text), 1, 8), 'Made for the measurements',
           (array['blood','urine','tissue','saliva','other'])[1 + n %% 5],
           (array['pending','processing','completed','rejected','archived'])[1 + n %% 5],
           'B-' || lpad(n::text, 7, '0'), (select id from people limit 1), '{"tube": "EDTA"}',
           now() - n * interval '1 second', now(), 'bench', 'bench', true, 1
    from generate_series(1, %s) n
"""
"""So many samples at once, into the schema of the search path."""


@dataclass(frozen=True)
class Place:
    """Where the measurements happen; *folder* is on the disk that is measured."""

    folder: Path
    app: App
    profile: Profile
    lab: Lab
    center: Center
    admin_dsn: str


@contextmanager
def place() -> Iterator[Place]:
    """Set it up, and take it away again."""
    with tempfile.TemporaryDirectory(prefix="labkeep-bench-") as name:
        folder = Path(name)
        app = build({"LABKEEP_HOME": str(folder / "home")})
        draft = UserDraft(username="bench", email="bench@lab.example", role=Role.ADMIN, center_id=None)
        profile = app.set_up.init(InitRequest(display_name="Bench", administrator=draft, password=PASSWORD)).profile
        server = BuiltinServer(Path(profile.data_dir or ""))
        try:
            with app.sign_in.sign_in(profile, "bench", PASSWORD) as lab, server.start() as running:
                center = lab.centers.create(CenterDraft(name="Bench", slug="bench"))
                yield Place(folder, app, profile, lab, center, running.admin_dsn(profile.database))
        finally:
            app.close()
            server.remove()
