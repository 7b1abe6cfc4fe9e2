"""A person at work whose way to the server goes through the lossy proxy."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest

from desktop_app.domain.profiles import Profile, ServerKind, SslMode
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import PASSWORDS, World
from tests.services.lossy_proxy import PORT, LossyProxy

Proxy = TypeVar("Proxy", bound=LossyProxy)


@dataclass(frozen=True)
class Wire:
    """A window whose way to the server goes through the proxy."""

    proxy: LossyProxy
    work: CenterServices


@pytest.fixture
def wire(world: World) -> Iterator[Wire]:
    service = world.app.sign_in
    with proxied(world) as (proxy, profile), service.sign_in(profile, "a.user", PASSWORDS["a.user"]) as lab:
        yield Wire(proxy, lab.center("alpha"))


@contextmanager
def proxied(world: World) -> Iterator[tuple[LossyProxy, Profile]]:
    """A proxy, and the profile that leads through it."""
    with proxied_by(LossyProxy, world) as both:
        yield both


@contextmanager
def proxied_by(kind: type[Proxy], world: World) -> Iterator[tuple[Proxy, Profile]]:
    """The same with a proxy of another kind."""
    address = world.app.servers.address(world.profile)
    with tempfile.TemporaryDirectory(prefix="labkeep-wire-", dir="/tmp") as folder:  # a socket's path is short
        proxy = kind(Path(folder), Path(address.host) / f".s.PGSQL.{address.port}")
        profile = replace(
            world.profile, server=ServerKind.POSTGRES, host=folder, port=PORT, data_dir=None, sslmode=SslMode.PREFER
        )
        try:
            yield proxy, profile
        finally:
            proxy.stop()
