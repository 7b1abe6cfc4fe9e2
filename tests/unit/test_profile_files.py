"""Profiles as files for other computers, and the one that the laboratory gives to everybody."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest

from desktop_app.domain.profiles import Profile
from desktop_app.errors import InvalidInputError, LabkeepError, RefusedError
from desktop_app.services.installation.profile_sharing import ProfileSharing
from desktop_app.storage import given_profile
from desktop_app.storage.errors import TargetError, TargetExistsError
from desktop_app.storage.given_profile import take_given
from desktop_app.storage.profile_files import ProfileFileError, sent_profile, sent_text
from desktop_app.storage.profiles import ProfileStore, to_toml
from tests.unit.test_profiles import SENT, built_in

ME = os.getuid()
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQzE=\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN PRIVATE KEY-----\nTkVFRExFLTQ3MTE=\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def profiles(tmp_path: Path) -> ProfileStore:
    return ProfileStore(tmp_path / "profiles")


@pytest.fixture
def elsewhere(tmp_path: Path) -> ProfileStore:
    return ProfileStore(tmp_path / "elsewhere")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lab.labkeep-profile"


def ca(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "ca.pem"
    path.write_text(text)
    return path


def with_ca(tmp_path: Path, text: str) -> Profile:
    return replace(SENT, sslrootcert=str(ca(tmp_path, text)))


def test_there_and_back(profiles: ProfileStore, elsewhere: ProfileStore, file: Path, tmp_path: Path) -> None:
    profiles.export(SENT, file)
    assert elsewhere.import_(file) == SENT
    assert elsewhere.import_(file) == SENT, "twice is harmless"
    assert elsewhere.list() == [SENT]
    with pytest.raises(TargetExistsError):
        profiles.export(SENT, file)
    with pytest.raises(TargetError, match="does not exist"):
        profiles.export(SENT, tmp_path / "none" / file.name)
    assert not (tmp_path / "none").exists()


def test_the_servers_certificates_go_along_and_nothing_that_lies_beside_them(
    profiles: ProfileStore, elsewhere: ProfileStore, file: Path, tmp_path: Path
) -> None:
    lab = with_ca(tmp_path, "the lab's own\n" + KEY + CERTIFICATE + CERTIFICATE)
    ProfileSharing(profiles).export(lab, file)
    assert "TkVFRExFLTQ3MTE=" not in file.read_text()
    assert str(tmp_path) not in file.read_text()
    got = elsewhere.import_(file)
    kept = tmp_path / "elsewhere" / f"{lab.installation_id}.pem"
    assert got == replace(lab, sslrootcert=str(kept)) == elsewhere.get(lab.installation_id)
    assert kept.read_text() == CERTIFICATE * 2
    assert elsewhere.broken() == []
    ProfileSharing(elsewhere).export(got, tmp_path / "further")
    assert sent_profile((tmp_path / "further").read_text()).certificates == CERTIFICATE * 2


def test_the_systems_certificates_stay_the_systems(profiles: ProfileStore, elsewhere: ProfileStore, file: Path) -> None:
    profiles.export(replace(SENT, sslrootcert="system"), file)
    assert elsewhere.import_(file).sslrootcert == "system"


@pytest.mark.parametrize("text", [KEY, "", "-----BEGIN CERTIFICATE-----\nno base64!\n-----END CERTIFICATE-----\n"])
def test_what_are_no_certificates_is_said_and_nothing_is_written(
    profiles: ProfileStore, file: Path, tmp_path: Path, text: str
) -> None:
    with pytest.raises(ProfileFileError, match="The certificates in"):
        ProfileSharing(profiles).export(with_ca(tmp_path, text), file)
    with pytest.raises(ProfileFileError, match="could not be read"):
        ProfileSharing(profiles).export(replace(SENT, sslrootcert=str(tmp_path / "none")), file)
    assert not file.exists()


def test_the_built_in_server_stays_where_it_is(profiles: ProfileStore, file: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="no other computer reaches"):
        profiles.export(built_in(tmp_path), file)
    text = sent_text(SENT).replace('"postgres"', f'"built-in"\ndata_dir = "{tmp_path}"')
    file.write_text("".join(line for line in text.splitlines(True) if not line.startswith("host")))
    with pytest.raises(RefusedError, match="another computer"):
        profiles.import_(file)
    assert profiles.list() == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (to_toml(SENT), "not a profile that Labkeep wrote for other computers"),
        ('[tool]\nname = "another program"\n', "not a profile that Labkeep wrote"),
        (sent_text(SENT).replace("labkeep_profile = 1", "labkeep_profile = 2"), "a later form .2. than"),
        (sent_text(SENT).replace("labkeep_profile = 1", "labkeep_profile = true"), "a later form"),
        (sent_text(SENT)[:-4], "or it was cut"),
        ("root_certificates = 3\n" + sent_text(SENT), "must be text"),
        (f'root_certificates = """{KEY}"""\n' + sent_text(SENT), "The certificates of this profile are none"),
        (f'sslrootcert = "/x"\nroot_certificates = """{CERTIFICATE}"""\n' + sent_text(SENT), "stand alone"),
    ],
    ids=("kept here", "foreign", "newer", "no number", "cut", "no text", "a key", "a path, too"),
)
def test_what_is_none_is_said_and_changes_nothing(profiles: ProfileStore, file: Path, text: str, sentence: str) -> None:
    file.write_text(text)
    with pytest.raises(LabkeepError, match=sentence):
        profiles.import_(file)
    assert profiles.list() == []


def test_no_cut_of_a_file_is_taken_for_a_whole_one(tmp_path: Path) -> None:
    text = sent_text(SENT, ca(tmp_path, CERTIFICATE))
    for length in range(len(text) - 1):  # without the last line's end it is whole
        with pytest.raises((ProfileFileError, InvalidInputError)):
            sent_profile(text[:length])
    assert sent_profile(text[:-1]) == sent_profile(text)


def test_a_refused_profile_brings_no_certificates(elsewhere: ProfileStore, file: Path, tmp_path: Path) -> None:
    lab = with_ca(tmp_path, CERTIFICATE)
    file.write_text(sent_text(lab, ca(tmp_path, CERTIFICATE)))
    elsewhere.import_(file)
    kept = tmp_path / "elsewhere" / f"{lab.installation_id}.pem"
    file.write_text(sent_text(replace(lab, root_fingerprint="ee" * 32), ca(tmp_path, CERTIFICATE * 2)))
    with pytest.raises(RefusedError, match="another root"):
        elsewhere.import_(file)
    assert kept.read_text() == CERTIFICATE


class TestGiven:
    """What the policy gives to everybody."""

    def test_it_is_there_from_the_first_start_and_follows_its_file(self, profiles: ProfileStore, file: Path) -> None:
        file.write_text(sent_text(SENT))
        assert take_given(profiles, file, ME) is None
        assert profiles.list() == [SENT]
        file.write_text(sent_text(replace(SENT, host="new.lab.example")))
        assert take_given(profiles, file, ME) is None
        assert [each.host for each in profiles.list()] == ["new.lab.example"]

    def test_a_name_that_a_person_gave_does_not_keep_it_away(self, profiles: ProfileStore, file: Path) -> None:
        profiles.save(replace(SENT, installation_id=uuid4()))
        file.write_text(sent_text(SENT))
        assert take_given(profiles, file, ME) is None
        assert SENT.installation_id in [each.installation_id for each in profiles.list()]

    def test_what_a_person_planted_is_replaced_by_the_administrators_file(
        self, profiles: ProfileStore, file: Path
    ) -> None:
        profiles.save(replace(SENT, host="evil.example", root_fingerprint="ee" * 32))
        file.write_text(sent_text(SENT))
        file.chmod(0o644)
        assert take_given(profiles, file, ME) is None
        assert profiles.list() == [SENT]

    def test_a_file_that_others_may_write_does_not_replace_a_root(self, profiles: ProfileStore, file: Path) -> None:
        profiles.save(SENT)
        file.write_text(sent_text(replace(SENT, root_fingerprint="ee" * 32)))
        file.chmod(0o666)
        assert "another root" in str(take_given(profiles, file, ME))
        assert profiles.list() == [SENT]

    def test_a_share_that_is_away_or_silent_costs_nothing(
        self, profiles: ProfileStore, file: Path, monkeypatch: pytest.MonkeyPatch, never: Event
    ) -> None:
        profiles.save(SENT)
        assert "could not be read" in str(take_given(profiles, file, ME))
        monkeypatch.setattr(given_profile, "SECONDS", 0.05)
        monkeypatch.setattr(given_profile, "read_text", lambda _path: str(never.wait()))
        assert "does not answer" in str(take_given(profiles, file, ME))
        assert profiles.list() == [SENT]


@pytest.fixture
def never() -> Iterator[Event]:
    made = Event()
    yield made
    made.set()
