"""The media type of a file, by its name."""

import mimetypes
from functools import lru_cache


def mime_type_of(name: str) -> str:
    """The media type that a file's name suggests; application/octet-stream where it suggests none."""
    stem, dot, endings = name.lower().lstrip(".").partition(".")
    return _of_endings(dot + endings) if stem else "application/octet-stream"


@lru_cache(256)
def _of_endings(endings: str) -> str:
    """By all that follows a name's first dot: the files of a folder have few of these, and looking costs 20 µs."""
    known = next((mime for ending, mime in _LABORATORY_TYPES.items() if endings.endswith(ending)), None)
    return known or mimetypes.guess_type(f"file{endings}")[0] or "application/octet-stream"


# Plain-text formats of laboratories that the systems' own tables do not know.
_LABORATORY_TYPES = {
    ".fasta": "text/x-fasta",
    ".fa": "text/x-fasta",
    ".fastq": "text/x-fastq",
    ".vcf": "text/x-vcf",
    ".md": "text/markdown",
}
