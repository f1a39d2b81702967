from __future__ import annotations

from pathlib import Path

import pytest

from web.uploads import MAX_NAME_BYTES, place, safe_name, settle
from web.work import Upload


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("report.pdf", "report.pdf"),
        ("差旅制度（2024）.docx", "差旅制度（2024）.docx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\notes.md", "notes.md"),
        ("..", "unnamed"),
        ("", "unnamed"),
        (".env", "env"),
        ("a\x00b\n.txt", "ab.txt"),
        ("evil\u202efdp.exe", "evilfdp.exe"),
        ("a:b*c?.md", "a_b_c_.md"),
        ("CON.txt", "_CON.txt"),
    ],
)
def test_names_are_made_safe(given: str, wanted: str) -> None:
    assert safe_name(given) == wanted


@pytest.mark.parametrize("name", ["差" * 200 + ".docx", "x" * 400, "x." + "y" * 400])
def test_long_names_are_cut_and_keep_their_suffix(name: str) -> None:
    safe = safe_name(name)
    assert len(safe.encode()) <= MAX_NAME_BYTES
    if name.endswith(".docx"):
        assert safe.endswith("差.docx")


def upload(folder: Path, name: str, text: str) -> Upload:
    folder.mkdir(exist_ok=True)
    path = folder / f"{len(list(folder.iterdir()))}.tmp"
    path.write_text(text)
    return Upload(name, path)


def test_files_are_moved_to_their_names(tmp_path: Path) -> None:
    arrived = upload(tmp_path / "in", "a.md", "one")
    (placed,) = place([arrived], tmp_path / "here")
    assert placed.path == tmp_path / "here" / "a.md"
    assert placed.path.read_text() == "one"
    assert not arrived.path.exists()
    settle([placed], {placed.path})
    assert [f.name for f in (tmp_path / "here").iterdir()] == ["a.md"]


def test_two_files_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    arrived = [upload(tmp_path / "in", "a.md", "one"), upload(tmp_path / "in", "A.md", "two")]
    placed = place(arrived, tmp_path / "here")
    assert [p.name for p in placed] == ["a.md", "A (2).md"]


def test_what_was_not_taken_gives_way_to_what_was_there(tmp_path: Path) -> None:
    here = tmp_path / "here"
    settle(first := place([upload(tmp_path / "in", "a.md", "old")], here), {here / "a.md"})
    assert first[0].before is None
    bad = place([upload(tmp_path / "in", "a.md", ""), upload(tmp_path / "in", "b.md", "")], here)
    settle(bad, set())
    assert {f.name: f.read_text() for f in here.iterdir()} == {"a.md": "old"}


def test_what_was_taken_replaces_what_was_there(tmp_path: Path) -> None:
    here = tmp_path / "here"
    settle(place([upload(tmp_path / "in", "a.md", "old")], here), {here / "a.md"})
    settle(place([upload(tmp_path / "in", "a.md", "new")], here), {here / "a.md"})
    assert {f.name: f.read_text() for f in here.iterdir()} == {"a.md": "new"}
