"""The media type of a file, by its name."""

import mimetypes


def mime_type_of(name: str) -> str:
    """The media type that a file's name suggests; application/octet-stream where it suggests none."""
    lowered = name.lower()
    known = next((mime for ending, mime in _LABORATORY_TYPES.items() if lowered.endswith(ending)), None)
    return known or mimetypes.guess_type(lowered)[0] or "application/octet-stream"


# Plain-text formats of laboratories that the systems' own tables do not know.
_LABORATORY_TYPES = {
    ".fasta": "text/x-fasta",
    ".fa": "text/x-fasta",
    ".fastq": "text/x-fastq",
    ".vcf": "text/x-vcf",
    ".md": "text/markdown",
}
