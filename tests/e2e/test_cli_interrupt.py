"""Ctrl+C while the server has fallen silent: the command ends within two seconds, and says so."""

import shutil
import signal
import subprocess
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from desktop_app.bootstrap import build
from desktop_app.domain.profiles import ServerKind, SslMode
from tests.e2e.conftest import DemoPeople
from tests.e2e.labkeep_admin import PROGRAM, PROJECT, Admin
from tests.servers import short_folder, wait_until
from tests.services.faults.counting_proxy import CountingProxy, WireFault
from tests.services.lossy_proxy import PORT


def test_a_command_ends_while_the_server_is_silent(demo: DemoPeople, tmp_path: Path) -> None:
    shutil.copytree(demo.home / "config" / "profiles", tmp_path / "config" / "profiles")
    with closing(build({"LABKEEP_HOME": str(tmp_path)})) as app, short_folder() as folder:
        (profile,) = app.profiles.list()
        address = app.servers.address(profile)
        proxy = CountingProxy(folder, Path(address.host) / f".s.PGSQL.{address.port}")
        elsewhere = replace(profile, server=ServerKind.POSTGRES, host=str(folder), port=PORT, data_dir=None)
        app.profiles.save(replace(elsewhere, sslmode=SslMode.PREFER))
        proxy.watch(WireFault(12, None, act=proxy.flowing.clear))
        who = Admin(tmp_path).as_user("sysadmin", demo.passwords["sysadmin"], "istanbul")
        command = subprocess.Popen(
            [*PROGRAM, "sample", "list"], stderr=subprocess.PIPE, text=True, env=who.environment(), cwd=PROJECT
        )
        with command:
            wait_until(lambda: not proxy.flowing.is_set())
            began = time.monotonic()
            command.send_signal(signal.SIGINT)
            status = command.wait(20)
            took = time.monotonic() - began
            assert command.stderr is not None
            assert (status, command.stderr.read()) == (130, "Stopped.\n")
        proxy.stop()
        assert took < 2.0
