"""Passwords derived at a thousandth of the cost, for tests in which the derivation is not what is tested.

tests/unit/crypto and tests/e2e hold the real cost.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from desktop_app.crypto import passwords

_HERE = Path(__file__).parent
FOLDERS = (_HERE / "services", _HERE / "ui")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Around the whole test: also what it makes for the session is made under it."""
    light = any(item.path.is_relative_to(folder) for folder in FOLDERS)
    with patch.object(passwords, "_argon2id", _light_argon2id) if light else nullcontext():
        return (yield)


def lighten() -> None:
    """For a program that such a test starts and gives a password to."""
    passwords._argon2id = _light_argon2id


def _light_argon2id(secret: bytes, salt: bytes, length: int) -> bytes:
    return Argon2id(salt=salt, length=length, iterations=1, lanes=1, memory_cost=64).derive(secret)
