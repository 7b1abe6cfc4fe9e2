"""Names of documents as file names: harmless on every system, recognisable, and never too long."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop_app.storage.safe_names import safe_file_name, unique_target

SYSTEMS = ["linux", "darwin", "win32"]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("İstanbul raporu.pdf", "İstanbul raporu.pdf"),
        ("../../etc/passwd", "_._.._etc_passwd"),
        ("..\\..\\boot.ini", "_._.._boot.ini"),
        ("/etc/passwd", "_etc_passwd"),
        ("", "document"),
        (".", "document"),
        ("..", "document"),
        ("...", "document"),
        ("   ", "document"),
        ("/", "document"),
        ("\x00", "document"),
        (".bashrc", "_bashrc"),
        ("a\nb\tc\x7f.txt", "a_b_c_.txt"),
        ("photo\u202egpj.exe", "photo_gpj.exe"),
        ("zero\u200bwidth\ufeff.txt", "zero_width_.txt"),
        ("line\u2028.txt", "line_.txt"),
        ("trailing. . .", "trailing"),
        (" both ", "both"),
        ("cafe\u0301.txt", "caf\u00e9.txt"),
        ("می\u200cخواهم.txt", "می\u200cخواهم.txt"),
        ("\ud800.txt", "_.txt"),
    ],
)
def test_names_are_made_safe(name: str, safe: str, system: str) -> None:
    assert safe_file_name(name, system) == safe


@pytest.mark.parametrize(
    ("name", "windows"),
    [
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("CON .txt", "_CON .txt"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("COM1", "_COM1"),
        ("com¹.log", "_com¹.log"),
        ("LPT9.pdf", "_LPT9.pdf"),
        ("CONIN$", "_CONIN$"),
        ("CONTROL.txt", "CONTROL.txt"),
        ("COM10.txt", "COM10.txt"),
        ('a<b>c:"d|e?f*.txt', "a_b_c__d_e_f_.txt"),
        ("file.txt:stream", "file.txt_stream"),
        ("C:\\temp\\x.txt", "C__temp_x.txt"),
    ],
)
def test_what_only_windows_cannot_have(name: str, windows: str) -> None:
    assert safe_file_name(name, "win32") == windows
    if "\\" not in name:
        assert safe_file_name(name, "linux") == name


def test_macos_shows_a_colon_as_a_slash() -> None:
    assert safe_file_name("a:b", "darwin") == "a_b"


@pytest.mark.parametrize("system", SYSTEMS)
@given(name=st.text(max_size=400))
@example(name="ı" * 300 + ".pdf")
@example(name="x" * 300)
@example(name="a." + "x" * 300)
@example(name="." * 300 + "pdf")
@example(name="con." + "😀" * 100)
@example(name="x" * 198 + " . .pdf")
def test_whatever_the_name_the_result_is_harmless(system: str, name: str) -> None:
    safe = safe_file_name(name, system)
    assert 0 < len(safe.encode()) <= 200
    assert not set(safe) & {"/", "\\", "\x00"}
    assert not safe.startswith((".", " "))
    assert not safe.endswith((".", " "))
    assert all(unicodedata.category(character) not in {"Cc", "Zl", "Zp", "Cs"} for character in safe)
    assert not any(unicodedata.bidirectional(c) in {"LRE", "RLE", "LRO", "RLO", "LRI", "RLI", "FSI"} for c in safe)
    assert safe_file_name(safe, system) == safe, "safe once is safe"


@pytest.mark.parametrize("stem", ["x", "ş", "汉", "😀"])
def test_a_long_name_keeps_its_extension_and_no_half_characters(tmp_path: Path, stem: str) -> None:
    safe = safe_file_name(stem * 300 + ".fasta", "linux")
    assert safe.endswith(stem + ".fasta")
    assert 195 <= len(safe.encode()) <= 200
    (tmp_path / safe).touch()


def test_unique_targets(tmp_path: Path) -> None:
    assert unique_target(tmp_path, "a.pdf") == tmp_path / "a.pdf"
    (tmp_path / "a.pdf").touch()
    (tmp_path / "a (2).pdf").symlink_to("nowhere")
    assert unique_target(tmp_path, "a.pdf") == tmp_path / "a (3).pdf"
    long = safe_file_name("ş" * 300 + ".pdf")
    (tmp_path / long).touch()
    second = unique_target(tmp_path, long)
    assert second.name.endswith("ş (2).pdf")
    assert len(second.name.encode()) <= 200
    (tmp_path / "README").touch()
    assert unique_target(tmp_path, "README").name == "README (2)"
