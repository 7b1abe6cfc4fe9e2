"""A folder of tests whose temporary files lie in memory imports this fixture into its conftest.py.

No plugin registers this module, for then the files of every test lay there: also of those that are about the disk.
"""

import pytest

from tests.memory import make_folder


@pytest.fixture(scope="session", name="tmp_path_factory")
def factory_in_memory(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> pytest.TempPathFactory:
    """pytest's own, in memory: a disk makes wait for every file that is saved, and is as slow to take each away again.

    What is there goes with the session.
    """
    folder = make_folder()
    if folder is None:
        return tmp_path_factory
    factory = pytest.TempPathFactory.from_config(pytestconfig, _ispytest=True)
    factory._given_basetemp = folder / "base"
    return factory
