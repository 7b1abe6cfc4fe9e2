"""Opening documents where each opening goes on the record, against a center that records exports only."""

from dataclasses import replace

from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.openings import SETTING
from desktop_app.services.session.center_services import CenterServices
from tests.benchmarks.harness import Figure, Work, compare
from tests.benchmarks.place import Place

_SIZE = 10 * 1024
_BUDGET = {"exports only": "at most 1.2"}


def opening(at: Place, documents: int, rounds: int) -> list[Figure]:
    """Read so many small documents one after the other; what goes on the record is written beside."""
    all_of_them, exports = (_center(at, name, documents) for name in ("all", "exports"))
    subjects: dict[str, Work] = {
        "every opening on the record": lambda: _open(all_of_them),
        "exports only": lambda: _open(exports),
    }
    for work in subjects.values():  # once beforehand, so that nobody is the first
        work()
    name = f"open {documents:,} documents of 10 KiB"
    return compare(name, "every opening on the record", subjects, rounds, _BUDGET)


def _center(at: Place, recorded: str, documents: int) -> CenterServices:
    made = at.lab.centers.create(CenterDraft(name=f"Openings {recorded}", slug=f"openings-{recorded}"))
    draft = replace(CenterDraft.of(made), settings={SETTING: recorded})
    work = at.lab.center(at.lab.centers.edit(made, draft))
    folder = at.folder / f"opened {recorded}"
    folder.mkdir()
    for number in range(documents):
        (folder / f"{number}.bin").write_bytes(bytes([number % 256]) * _SIZE)
    assert len(work.documents.add([folder]).saved) == documents
    return work


def _open(work: CenterServices) -> None:
    for document in work.documents.list(limit=1000).rows:
        work.documents.content(document)
