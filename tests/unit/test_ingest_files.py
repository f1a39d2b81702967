"""Finding files, and reading them as they stood at one moment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.files import Found, find_files, read_stable
from ingest.receipt import FileResult
from rag.errors import DocumentError, UsageError


def seen(*paths: Path) -> list[tuple[str, str]]:
    """(file name, "" or change: reason) of everything found."""
    return [
        (entry.path.name, "")
        if isinstance(entry, Found)
        else (Path(entry.path).name, f"{entry.change}: {entry.reason}")
        for entry in find_files(paths)
    ]


def test_folders_are_walked_in_order_and_hidden_things_reported(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".env", "sub/c.txt", ".git/config", "~$doc.docx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert seen(tmp_path) == [
        (".env", "skipped: hidden"),
        (".git", "skipped: hidden"),
        ("a.txt", ""),
        ("b.txt", ""),
        ("c.txt", ""),
        ("~$doc.docx", "skipped: a temporary file of an editor"),
    ]


def test_a_hidden_file_named_outright_is_read(tmp_path: Path) -> None:
    (tmp_path / ".notes.txt").write_text("x")
    assert seen(tmp_path / ".notes.txt") == [(".notes.txt", "")]


def test_a_file_named_twice_is_found_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert seen(tmp_path / "a.txt", tmp_path, tmp_path / "a.txt") == [("a.txt", "")]


def test_links_that_loop_end(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("x")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    found = seen(tmp_path)
    assert [name for name, result in found if not result] == ["a.txt"]
    assert ("gone", "skipped: a link to nothing") in found
    assert any(name == "self" and result.startswith("failed") for name, result in found)


def test_what_does_not_exist_fails_by_name(tmp_path: Path) -> None:
    assert seen(tmp_path / "no.txt") == [("no.txt", "failed: does not exist: check the name")]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert seen(tmp_path) == [("pipe.txt", "skipped: neither a file nor a folder")]


def test_a_folder_without_rights_fails_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "z.txt").write_text("x")
    real = os.scandir

    def refuse(path: Path) -> os.PathLike[str]:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return real(path)  # type: ignore[return-value]

    monkeypatch.setattr(os, "scandir", refuse)
    locked, rest = find_files([tmp_path])
    assert isinstance(locked, FileResult)
    assert locked.change == "failed"
    assert "the folder cannot be read: Permission denied" in locked.reason
    assert isinstance(rest, Found)


def change_while_read(monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """Append to a file right after it is read, `times` times; returns the list of reads."""
    reads: list[int] = []
    real = Path.read_bytes

    def reading(self: Path) -> bytes:
        data = real(self)
        reads.append(len(data))
        if len(reads) <= times:
            with self.open("ab") as file:
                file.write(b"more")
        return data

    monkeypatch.setattr(Path, "read_bytes", reading)
    return reads


def test_a_file_that_changes_once_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"start")
    reads = change_while_read(monkeypatch, times=1)
    assert read_stable(path) == b"startmore"
    assert reads == [5, 9]


def test_a_file_that_keeps_changing_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"start")
    change_while_read(monkeypatch, times=9)
    with pytest.raises(DocumentError, match=r"a\.txt changes while it is read: try again"):
        read_stable(path)


def test_patterns_as_in_a_gitignore_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".plumbignore").write_text("*.log\n!keep.log\ndrafts/\n# a remark\n/top.txt\n")
    for name in ("a.log", "keep.log", "drafts/x.txt", "top.txt", "sub/top.txt", "sub/b.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "sub" / ".plumbignore").write_text("!b.log\n")
    assert seen(tmp_path) == [
        ("a.log", "skipped: ignored by .plumbignore"),
        ("drafts", "skipped: ignored by .plumbignore"),
        ("keep.log", ""),
        ("b.log", ""),
        ("top.txt", ""),
        ("top.txt", "skipped: ignored by .plumbignore"),
    ]
    entries = list(find_files([tmp_path], ["sub/"]))
    assert [e.path for e in entries if isinstance(e, Found)] == [tmp_path / "keep.log"]
    assert "ignored by --ignore" in [e.reason for e in entries if isinstance(e, FileResult)]


def test_a_folder_whose_patterns_cannot_be_followed_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / ".plumbignore").write_text("fine\n!\n")
    ((name, reason),) = seen(tmp_path)
    assert name == tmp_path.name
    assert reason.startswith("failed: its .plumbignore cannot be followed: Invalid git pattern")
    with pytest.raises(UsageError, match=r"--ignore.*as in a \.gitignore"):
        list(find_files([tmp_path], ["!"]))


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "a.txt").write_text("x")
    (inside / "b.txt").symlink_to(outside / "a.txt")
    (inside / "c").symlink_to(outside)
    (inside / "d.txt").symlink_to("a.txt")
    found = seen(inside)
    assert [name for name, result in found if not result] == ["a.txt"]
    assert [name for name, result in found if "leads out of the folder" in result] == ["b.txt", "c"]
    (tmp_path / "way").symlink_to(inside)
    assert ("a.txt", "") in seen(tmp_path / "way")
    assert ("b.txt", "") in seen(inside / "b.txt")


def test_what_is_said_of_files_is_no_file_of_its_own(tmp_path: Path) -> None:
    for name in ("a.txt", "a.txt.meta.toml", "folder.meta.toml", "sub/b.txt", "lone.meta.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = {e.path.name: e.sidecars for e in find_files([tmp_path]) if isinstance(e, Found)}
    top, own = tmp_path / "folder.meta.toml", tmp_path / "a.txt.meta.toml"
    assert found == {"a.txt": (top, own), "lone.meta.toml": (top,), "b.txt": (top,)}
    for path, sidecars in ((tmp_path / "a.txt", (top, own)), (tmp_path / "sub/b.txt", (top,))):
        (entry,) = find_files([path])
        assert isinstance(entry, Found)
        assert entry.sidecars == sidecars
