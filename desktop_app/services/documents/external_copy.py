"""Opening a document with another program: a read-only copy in clear, in a private folder that is wiped again."""

import threading
from dataclasses import dataclass
from pathlib import Path

from desktop_app.domain.openings import Opening
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Document, Version
from desktop_app.domain.rights import Verb
from desktop_app.errors import Cancelled, NotFoundError, RefusedError
from desktop_app.services.context.retries import RetryPolicy
from desktop_app.services.documents.add_results import AddOutcome, AddResult, SilentAddReport
from desktop_app.services.documents.documents import Documents
from desktop_app.services.documents.upload import Uploader
from desktop_app.services.documents.upload_items import UploadItem
from desktop_app.storage.dropped_files import SourceProblem, walk
from desktop_app.storage.errors import TargetError
from desktop_app.storage.open_folder import OpenFolder
from desktop_app.storage.safe_names import safe_file_name

_READ_ONLY = 0o400
_RUN_BY_WINDOWS = {
    *("appref-ms", "application", "bat", "chm", "cmd", "com", "cpl", "exe", "gadget", "hta", "inf", "jar", "js", "jse"),
    *("lnk", "msc", "msi", "msp", "pif", "ps1", "py", "pyw", "reg", "scf", "scr", "url", "vb", "vbe", "vbs"),
    *("ws", "wsc", "wsf", "wsh"),
}
_RUN_ELSEWHERE = {"action", "app", "appimage", "command", "desktop", "pkg", "run", "sh", "terminal", "workflow"}


@dataclass(frozen=True)
class ExternalCopy:
    """A version of a document in clear, and where it came from."""

    path: Path
    documents: Documents
    document: Document


_State = tuple[int, int, int]


class ExternalCopies:
    """The copies of this program; may be used by several threads."""

    def __init__(self, folder: OpenFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._files: dict[ExternalCopy, _State | None] = {}
        self._wiped = 0

    def start(self) -> list[Path]:
        """Wipe what programs that died left behind; what could not be removed. Raises TargetError."""
        return self._folder.start()

    def open(
        self, documents: Documents, document: Document, number: int | None = None, report: Report = silent
    ) -> ExternalCopy:
        """Decrypt a version (None: the newest) for another program.

        RefusedError for what would be run instead of shown, TargetError where the folder is not private, Cancelled
        when everything was wiped meanwhile.
        """
        wiped = self._wiped
        version = _version(documents, document, number)
        # The name that the file will have: what was “r.exe.” is “r.exe” then.
        ending = safe_file_name(version.file_name).rpartition(".")[2].casefold().strip()
        if ending in _RUN_BY_WINDOWS | _RUN_ELSEWHERE:
            raise RefusedError(
                "A file of the kind “{ending}” would be run, not shown. Save it, if you trust whoever added it.",
                ending=ending,
            )
        return self._made(wiped, documents, document, version, Opening.OPEN, report)

    def drag(self, documents: Documents, document: Document, report: Report = silent) -> ExternalCopy:
        """Decrypt the newest version for whoever takes it where the person drops it; raises as ``open`` does.

        It lies where the copies for other programs do and is wiped with them; what was taken is the person's.
        """
        wiped = self._wiped
        return self._made(wiped, documents, document, _version(documents, document, None), Opening.EXPORT, report)

    def discard(self, copy: ExternalCopy) -> None:
        """Remove a copy that nobody took."""
        with self._lock:
            self._files.pop(copy, None)
            self._folder.discard(copy.path)

    def _made(
        self, wiped: int, documents: Documents, document: Document, version: Version, opening: Opening, report: Report
    ) -> ExternalCopy:
        """*wiped*: how often everything had been wiped when the copy was asked for."""
        with self._lock:
            folder = self._folder.new_folder()
        target = folder / safe_file_name(version.file_name)
        try:
            path = documents.save_as(document, target, version.number, report, opening=opening)
            if opening is Opening.OPEN:
                path.chmod(_READ_ONLY)
        except (TargetError, FileNotFoundError):
            if wiped != self._wiped:
                raise Cancelled("Wiped.") from None
            raise
        made = ExternalCopy(path, documents, document)
        with self._lock:
            if wiped != self._wiped:  # the window was locked since it was asked
                self._files.clear()
                self._folder.wipe()
                raise Cancelled("Wiped.")
            if opening is Opening.OPEN:
                self._files[made] = _state(path)
        return made

    def changed(self) -> list[ExternalCopy]:
        """The copies that another program has changed since they were last asked for."""
        found = []
        with self._lock:
            for opened, before in self._files.items():
                now = _state(opened.path)
                if now not in (before, None):
                    self._files[opened] = now
                    found.append(opened)
        return found

    @staticmethod
    def save_version(opened: ExternalCopy, report: Report = silent) -> AddResult:
        """Seal and save a changed copy as the next version of its document; says what became of it."""
        context, document = opened.documents.context, opened.documents.get(opened.document.id)
        context.person.require(Verb.EDIT_DOCUMENTS, context.center.id)
        context.person.store.check_marker()
        source = next(iter(walk([opened.path])))
        if isinstance(source, SourceProblem):
            return AddResult(opened.path, document.title, AddOutcome.FAILED, reason=source.sentence)
        job = UploadItem(source, document.title, document.id, document.latest_number + 1, None, document.sample_id)
        one = _OneFile(report)
        return next(iter(Uploader(context, one, RetryPolicy(one.server_away)).save([job])))

    def wipe(self) -> list[Path]:
        """Remove every copy; returns what another program still holds (Windows)."""
        with self._lock:
            self._wiped += 1
            self._files.clear()
            return self._folder.wipe()

    def close(self) -> list[Path]:
        """Wipe, for the end of the program."""
        with self._lock:
            self._wiped += 1
            self._files.clear()
            return self._folder.close()


def _version(documents: Documents, document: Document, number: int | None) -> Version:
    version = next((each for each in documents.versions(document) if number in (None, each.number)), None)
    if version is None:
        raise NotFoundError("There is no such version of the document.")
    return version


class _OneFile(SilentAddReport):
    """Tells the bytes of the one file that is saved."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._size = 0

    def file_started(self, path: Path, size: int) -> None:
        del path
        self._size = size

    def bytes_done(self, path: Path, done: int) -> None:
        del path
        self._report(done, self._size)


def _state(path: Path) -> _State | None:
    """What differs when a file was written or put in another's place; None where it is gone."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
