"""The body of a stored file: one Tink AES256_GCM_HKDF_1MB streaming ciphertext and nothing else.

Header: byte 40, salt 32, nonce prefix 7. Segment key = HKDF-SHA256(document key, salt, associated data).
Ciphertext segments of 1 MiB (the first shorter by the header), each AES-256-GCM with the nonce
prefix || 4-byte big-endian counter || 1 if last, else 0. Source: Tink, "AES-GCM-HKDF Streaming AEAD".
"""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol
from uuid import UUID

from blake3 import blake3
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from desktop_app.crypto.errors import CryptoError, TamperedError
from desktop_app.domain.progress import BytesDone, uncounted
from desktop_app.message import Message

SEGMENT = 1024 * 1024
HEADER = 40
TAG = 16
DIGEST = "blake3"
_SALT = 32
_BEHIND = 4
"""Pieces that the hash may be behind the encryption."""
_CHANGED = Message("The stored file is not as it was sealed: changed, cut, extended, or belonging to another document.")


@dataclass(frozen=True, slots=True)
class SealedSize:
    """Clear size and stored size in bytes, and the digest of what is stored, as ``named_digest`` writes it."""

    size: int
    stored_size: int
    stored_digest: str


class BufferPool:
    """Memory that streams take turns in, one stream at a time: ten thousand small files make it once.

    Holds clear text and the segment key of the last stream until it is gone. Who reads back what he just sealed derives
    that key once: for a file of 10 KiB the derivation is dearer than the encryption (measured).
    """

    def __init__(self) -> None:
        self.read: list[memoryview] = []
        self.made: list[memoryview] = []
        self._derived: tuple[bytes, AESGCM] | None = None

    def segment_cipher(self, key: bytes, salt: bytes, associated: bytes) -> AESGCM:
        """AES-256-GCM under HKDF-SHA256(document key, salt, associated data)."""
        if len(key) != 32:
            raise CryptoError("A document key has 32 bytes.")
        derived_from = key + salt + associated  # the first two have fixed lengths
        if self._derived is None or self._derived[0] != derived_from:
            hkdf = HKDF(algorithm=SHA256(), length=32, salt=salt, info=associated)
            self._derived = derived_from, AESGCM(hkdf.derive(key))
        return self._derived[1]


class Readable(Protocol):
    """What is sealed or opened: a file, a pipe, or bytes in memory."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill the buffer as far as it goes; 0 at the end."""


class Writable(Protocol):
    """Where it goes."""

    def write(self, data: memoryview, /) -> int | None:
        """Take the bytes or the first of them; how many."""


def named_digest(digest: bytes) -> str:
    """A digest of a stored file as it is signed and kept: ``blake3:<64 hexadecimal digits>``."""
    return f"{DIGEST}:{digest.hex()}"


def digest_of(source: Readable, bytes_done: BytesDone = uncounted) -> str:
    """The digest of a stored file as it is, whether it opens or not."""
    found, done, buffer = blake3(), 0, memoryview(bytearray(SEGMENT))
    while piece := _fill(source, buffer):
        found.update(piece)
        done += len(piece)
        bytes_done(done)
    return named_digest(found.digest())


def associated_data(center_id: UUID, document_id: UUID, version_id: UUID) -> bytes:
    """What binds a body to its place: ``labkeep/1|<center id>|<document id>|<version id>``."""
    return f"labkeep/1|{center_id}|{document_id}|{version_id}".encode("ascii")


def make_document_key() -> bytes:
    """32 random bytes for one stored file."""
    return os.urandom(32)


def seal_stream(
    source: Readable,
    target: Writable,
    key: bytes,
    associated: bytes,
    bytes_done: BytesDone = uncounted,
    buffers: BufferPool | None = None,
) -> SealedSize:
    """Seal what ``source`` gives until its end into ``target``; constant memory, about 7 MiB.

    ``bytes_done`` gets the clear bytes done so far after each segment and may raise to stop.
    Both streams are binary; ``source`` must have ``readinto``.
    """
    salt, prefix = os.urandom(_SALT), os.urandom(7)
    buffers = buffers or BufferPool()
    cipher = buffers.segment_cipher(key, salt, associated)
    header = bytes([HEADER]) + salt + prefix
    size, stored = 0, 0
    with _HashBeside() as digest:
        for number, (clear, last) in enumerate(_segments(source, SEGMENT - TAG, buffers.read)):
            length = len(header) + len(clear) + TAG
            sealed = _room(buffers.made, number % (_BEHIND + 1), length if last else SEGMENT)[:length]
            sealed[: len(header)] = header  # written with the first segment: each call of the system takes its time
            cipher.encrypt_into(_nonce(prefix, number, last), clear, None, sealed[len(header) :])
            digest.update(sealed, only=last and number == 0)
            _write(target, sealed)
            size, stored, header = size + len(clear), stored + length, b""
            bytes_done(size)
        return SealedSize(size, stored, digest.digest())


def open_stream(
    source: Readable, target: Writable | None, key: bytes, associated: bytes, bytes_done: BytesDone = uncounted
) -> SealedSize:
    """Open a sealed body into ``target`` (None: into nothing), segment by segment; sizes and digest of what was read.

    What was written is believed only when the whole is the one that was signed: the caller compares the
    digest before he shows or commits a byte, because everybody who may read holds the key. Raises
    ``TamperedError``. ``bytes_done`` as for ``seal_stream``.
    """
    size, stored = 0, 0
    with _HashBeside() as digest:
        for clear, sealed, only in _opened(source, key, associated, BufferPool()):
            digest.update(sealed, only=only)
            if target is not None:
                _write(target, clear)
            size, stored = size + len(clear), stored + len(sealed)
            bytes_done(size)
        return SealedSize(size, stored, digest.digest())


def authenticate_stream(
    source: Readable,
    key: bytes,
    associated: bytes,
    bytes_done: BytesDone = uncounted,
    buffers: BufferPool | None = None,
) -> int:
    """Open a sealed body into nothing and return its clear size in bytes, without hashing it.

    For reading back what was just sealed under a new key: header and every segment are
    authenticated, so what opens is what was written. Raises ``TamperedError``.
    """
    size = 0
    for clear, _sealed, _only in _opened(source, key, associated, buffers or BufferPool()):
        size += len(clear)
        bytes_done(size)
    return size


def _opened(
    source: Readable, key: bytes, associated: bytes, buffers: BufferPool
) -> Iterator[tuple[memoryview, memoryview, bool]]:
    """Clear segment, the stored bytes it came from (header included), whether it is the only one."""
    cipher: AESGCM | None = None
    prefix = b""
    for number, (stored, last) in enumerate(_segments(source, SEGMENT, buffers.read, first=0, behind=_BEHIND)):
        sealed = stored
        if cipher is None:
            header, sealed = bytes(stored[:HEADER]), stored[HEADER:]
            if len(header) < HEADER or header[0] != HEADER:
                raise TamperedError(_CHANGED)
            cipher, prefix = buffers.segment_cipher(key, header[1:33], associated), header[33:]
        if len(sealed) < TAG:
            raise TamperedError(_CHANGED)
        clear = _room(buffers.made, 0, len(sealed) if last else SEGMENT)[: len(sealed) - TAG]
        try:
            cipher.decrypt_into(_nonce(prefix, number, last), sealed, None, clear)
        except InvalidTag:
            raise TamperedError(_CHANGED) from None
        yield clear, stored, last and number == 0


def _segments(
    source: Readable, length: int, buffers: list[memoryview], first: int = HEADER, behind: int = 0
) -> Iterator[tuple[memoryview, bool]]:
    """Pieces of ``length`` bytes, the first shorter by ``first``, each with whether it is the last.

    One piece is read ahead, because the last one is sealed differently; an empty source is one
    empty piece. Buffers take turns: the piece given out, the one read ahead, and those before,
    which a hash may still be reading. A short piece ends the source: small files need one buffer.
    """
    turn, room = 0, length - first
    held = _fill(source, _room(buffers, turn, length)[:room])
    while True:
        if len(held) < room:
            yield held, True
            return
        turn, room = (turn + 1) % (2 + behind), length
        ahead = _fill(source, _room(buffers, turn, length)[:length])
        yield held, not ahead
        if not ahead:
            return
        held = ahead


def _room(buffers: list[memoryview], number: int, length: int) -> memoryview:
    """Room for at least so many bytes."""
    if number == len(buffers):
        buffers.append(memoryview(bytearray(length)))
    elif len(buffers[number]) < length:
        buffers[number] = memoryview(bytearray(length))
    return buffers[number]


def _fill(source: Readable, buffer: memoryview) -> memoryview:
    """Read until the buffer is full or the source ends; a pipe or a network file may give little at a time."""
    filled = 0
    while filled < len(buffer):
        got = source.readinto(buffer[filled:])
        if got is None:
            raise CryptoError("The file to read gives nothing without waiting; it cannot be read as a stream.")
        if got == 0:
            break
        filled += got
    return buffer[:filled]


def _write(target: Writable, data: memoryview) -> None:
    """Write all of it; an unbuffered file may take less at a time."""
    while data:
        taken = target.write(data)
        if taken is None:
            raise CryptoError("The file to write takes nothing without waiting; it cannot be written as a stream.")
        data = data[taken:]


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


class _HashBeside:
    """BLAKE3 in a thread of its own, at most ``_BEHIND`` pieces behind.

    BLAKE3 lets go of the interpreter, AES-GCM does not: hashing beside the encryption takes the
    time of the slower of the two. More than one piece behind, so that a disk that makes one write
    wait leaves the hash its work.
    ``update`` returns when the piece ``_BEHIND`` before is done: that buffer may be written again.
    """

    def __init__(self) -> None:
        self._hash = blake3()
        self._thread: ThreadPoolExecutor | None = None
        self._pending: deque[Future[blake3]] = deque()

    def __enter__(self) -> "_HashBeside":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            self._thread.shutdown(wait=True)

    def update(self, data: memoryview, only: bool = False) -> None:
        """Add a piece; a small one, or the only one, is not worth a thread."""
        if only or len(data) < 65_536:
            self._wait(0)
            self._hash.update(data)
            return
        self._wait(_BEHIND - 1)
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "labkeep-hash")
        self._pending.append(self._thread.submit(self._hash.update, data))

    def digest(self) -> str:
        """The digest of everything added, with its name."""
        self._wait(0)
        return named_digest(self._hash.digest())

    def _wait(self, behind: int) -> None:
        while len(self._pending) > behind:
            self._pending.popleft().result()
