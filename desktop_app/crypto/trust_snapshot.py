"""The verified beginning of the trust log as one authenticated file, so that it is not verified at every start.

Whoever can change the file cannot make it count: it carries a keyed digest under a key that comes from the private
halves of the person's own identity. A file of another identity, another program or another form is simply not used,
and neither is a changed one, which is said.

File: "LKTS", format byte 1, identity 16, form 32, keyed digest 32, body. The keyed digest is BLAKE2b-256 over all
other bytes. The form is SHA-256 over the program's version and the names and types of everything in the body. Body:
length 4 and JSON; count 4 and the digests of the entries, 32 each; count 4 and the public halves, 1,248 each.
"""

import dataclasses
import gc
import hmac
import json
from collections.abc import Callable
from datetime import date
from enum import Enum
from functools import partial
from hashlib import blake2b, sha256
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from desktop_app.crypto.errors import TamperedError
from desktop_app.crypto.identities import PublicIdentity
from desktop_app.crypto.trust_register import Register, halves
from desktop_app.crypto.trust_rules import lineage
from desktop_app.crypto.trust_state import RefusedEntry, TrustHead, TrustState
from desktop_app.message import Message
from desktop_app.system.secret import Secret

PURPOSE = b"labkeep/1|trust-snapshot"
"""What the key is derived for: ``Identity.secret_for``."""

_MAGIC = b"LKTS\x01"
_HEADER = len(_MAGIC) + 16 + 32
_HALVES = 1184 + 32 + 32
# Made again from the rest: the newest standing of each person, the halves of the identities, and what is stored apart.
_MADE_AGAIN = {"people", "fingerprints", "digests"}
_Code = Callable[[Any], Any]


def pack(state: TrustState, key: Secret, identity_id: UUID, program: str) -> bytes:
    """The state as bytes that ``unpack`` believes."""
    table = _Table()
    said = {
        "installation": state.installation_id.hex,
        "refused": _encoder(tuple[RefusedEntry, ...], table)(state.refused),
        "register": {
            name: _encoder(hint, table)(getattr(state.register, name)) for name, hint in _register_hints().items()
        },
        "identities": [],
    }
    said["identities"] = [public.id.hex for public in table.identities]
    text = json.dumps(said, separators=(",", ":")).encode("ascii")
    digests = b"".join(state.register.digests)
    publics = b"".join(b"".join(halves(public)) for public in table.identities)
    parts = (_sized(text, len(text)), _sized(digests, len(digests) // 32), _sized(publics, len(table.identities)))
    header, body = _MAGIC + identity_id.bytes + _form(program), b"".join(parts)
    return header + _keyed(key, header, body) + body


def unpack(packed: bytes, key: Secret, identity_id: UUID, program: str) -> TrustState | None:
    """The state, or None for a file of another identity, program or form; TamperedError for a changed one."""
    header, body = packed[:_HEADER], memoryview(packed)[_HEADER + 32 :]
    if header != _MAGIC + identity_id.bytes + _form(program):
        return None
    if not hmac.compare_digest(packed[_HEADER : _HEADER + 32], _keyed(key, header, body)):
        raise TamperedError("The verified trust log that was kept on this computer was changed.")
    collects = gc.isenabled()
    gc.disable()  # a hundred thousand new objects and no garbage among them: looking for it takes half the time
    try:
        return _unpacked(body)
    finally:
        if collects:
            gc.enable()


def _unpacked(body: memoryview) -> TrustState:
    text, body = _take(body, 1)
    digests, body = _take(body, 32)
    publics, _rest = _take(body, _HALVES)
    said = json.loads(bytes(text))
    table = _Table([_public(bytes.fromhex(name), publics, at) for at, name in enumerate(said["identities"])])
    values = {name: _decoder(hint, table)(said["register"][name]) for name, hint in _register_hints().items()}
    register = Register(
        **values,
        people={user_id: past[-1][1] for user_id, past in values["history"].items()},
        fingerprints={half for public in table.identities for half in halves(public)},
        digests=[bytes(digests[at : at + 32]) for at in range(0, len(digests), 32)],
    )
    head = TrustHead(len(register.digests), register.digests[-1], lineage(register))
    refused = _decoder(tuple[RefusedEntry, ...], table)(said["refused"])
    return TrustState(UUID(hex=said["installation"]), head, refused, register)


class _Table:
    """Every identity once, by its place; ids are made once, too."""

    def __init__(self, identities: list[PublicIdentity] | None = None) -> None:
        self.identities = identities or []
        self._places: dict[UUID, int] = {}
        self._ids: dict[str, UUID] = {}

    def place(self, public: PublicIdentity) -> int:
        """Where an identity stands; added if it does not."""
        found = self._places.get(public.id)
        if found is None:
            found = self._places[public.id] = len(self.identities)
            self.identities.append(public)
        return found

    def id(self, name: str) -> UUID:
        """The id of these digits."""
        found = self._ids.get(name)
        if found is None:
            found = self._ids[name] = UUID(hex=name)
        return found


def _encoder(hint: Any, table: _Table) -> _Code:
    """How a value of this type becomes JSON."""
    arguments = get_args(hint)
    if isinstance(hint, UnionType):
        inner = _encoder(_not_none(arguments), table)
        return lambda value: None if value is None else inner(value)
    if get_origin(hint) is tuple and arguments[-1] is Ellipsis:
        inner = _encoder(arguments[0], table)
        return lambda value: [inner(each) for each in value]
    if get_origin(hint) is tuple:
        inners = [_encoder(each, table) for each in arguments]
        return lambda value: [inner(each) for inner, each in zip(inners, value, strict=True)]
    if get_origin(hint) is set:
        inner = _encoder(arguments[0], table)
        return lambda value: sorted(inner(each) for each in value)
    if get_origin(hint) is dict:
        name, thing = (_encoder(each, table) for each in arguments)
        return lambda value: [[name(key), thing(each)] for key, each in value.items()]
    if hint is PublicIdentity:
        return table.place
    if dataclasses.is_dataclass(hint):
        inners = [_encoder(each, table) for each in _hints(hint).values()]
        names = list(_hints(hint))
        return lambda value: [inner(getattr(value, each)) for inner, each in zip(inners, names, strict=True)]
    return _simple(hint)[0]


def _decoder(hint: Any, table: _Table) -> _Code:
    """How it becomes a value again."""
    arguments = get_args(hint)
    if isinstance(hint, UnionType):
        inner = _decoder(_not_none(arguments), table)
        return lambda value: None if value is None else inner(value)
    if get_origin(hint) is tuple and arguments[-1] is Ellipsis:
        inner = _decoder(arguments[0], table)
        return lambda value: tuple([inner(each) for each in value])  # a third faster than a generator
    if get_origin(hint) is tuple:
        inners = [_decoder(each, table) for each in arguments]
        return lambda value: tuple([inner(each) for inner, each in zip(inners, value, strict=True)])
    if get_origin(hint) is set:
        inner = _decoder(arguments[0], table)
        return lambda value: {inner(each) for each in value}
    if get_origin(hint) is dict:
        name, thing = (_decoder(each, table) for each in arguments)
        return lambda value: {name(key): thing(each) for key, each in value}
    if hint is PublicIdentity:
        return table.identities.__getitem__
    if hint is UUID:
        return table.id
    if dataclasses.is_dataclass(hint):
        inners = [_decoder(each, table) for each in _hints(hint).values()]
        return partial(_made, hint, inners)
    return _simple(hint)[1]


def _made(kind: Any, inners: list[_Code], value: list[Any]) -> Any:
    return kind(*[inner(each) for inner, each in zip(inners, value, strict=True)])


def _simple(hint: Any) -> tuple[_Code, _Code]:
    if hint in (str, int, bool):
        return (lambda value: value), (lambda value: value)
    if hint is bytes:
        return bytes.hex, bytes.fromhex
    if hint is UUID:
        return (lambda value: value.hex), (lambda value: UUID(hex=value))
    if hint is date:
        return date.isoformat, date.fromisoformat
    if isinstance(hint, type) and issubclass(hint, Enum):
        return (lambda value: value.value), hint
    raise TypeError(Message("a trust state holds no {hint}", hint=hint))


def _not_none(arguments: tuple[Any, ...]) -> Any:
    (found,) = (each for each in arguments if each is not type(None))
    return found


def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in dataclasses.fields(kind)}


def _register_hints() -> dict[str, Any]:
    return {name: hint for name, hint in _hints(Register).items() if name not in _MADE_AGAIN}


def _form(program: str) -> bytes:
    return sha256(f"{program}|{_described(Register, set())}|{_described(RefusedEntry, set())}".encode()).digest()


def _described(hint: Any, above: set[Any]) -> str:
    inside = _hints(hint).items() if dataclasses.is_dataclass(hint) and hint not in above else ()
    fields = "".join(f"{name}:{_described(each, above | {hint})};" for name, each in inside)
    return f"{hint}({fields}){[_described(each, above) for each in get_args(hint)]}"


def _public(identity_id: bytes, publics: memoryview, at: int) -> PublicIdentity:
    start = at * _HALVES
    found = bytes(publics[start : start + _HALVES])
    return PublicIdentity(UUID(bytes=identity_id), found[:1184], found[1184:1216], found[1216:])


def _sized(data: bytes, count: int) -> bytes:
    return count.to_bytes(4, "big") + data


def _take(body: memoryview, size: int) -> tuple[memoryview, memoryview]:
    end = 4 + int.from_bytes(body[:4], "big") * size
    return body[4:end], body[end:]


def _keyed(key: Secret, header: bytes, body: bytes | memoryview) -> bytes:
    found = blake2b(header, digest_size=32, key=key.reveal())
    found.update(body)
    return found.digest()
