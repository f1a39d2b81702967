from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import cli
from rag.config import Settings
from web.access.audit import Audit
from web.access.identity import Identity
from web.listen import check_address


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, stdin: str = "") -> int:
    monkeypatch.setattr("sys.argv", ["plumb", *arguments])
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    code = ended.value.code
    return code if isinstance(code, int) else 0


def test_users_are_added_granted_and_removed(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    added = ("users", "add", "ann", "--group", "legal", "--password-stdin")
    assert run(monkeypatch, *added, stdin="correct horse\n") == 0
    assert run(monkeypatch, "users", "grant", "@legal", "law", "editor") == 0
    assert run(monkeypatch, "users", "grant", "ann", "*", "reader") == 0
    capsys.readouterr()
    assert run(monkeypatch, "users", "list", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["groups"] == {"@legal": {"law": "editor"}}
    assert told["users"][0]["grants"] == {"*": "reader"}
    assert run(monkeypatch, "users", "passwd", "ann", "--password-stdin", stdin="another one") == 0
    assert run(monkeypatch, "users", "groups", "ann") == 0
    assert run(monkeypatch, "users", "remove", "ann") == 0
    assert run(monkeypatch, "users", "list") == 0
    assert "ann" not in capsys.readouterr().out.splitlines()[-1]


def test_a_key_is_shown_once(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "keys", "create", "ci", "-c", "law", "--role", "editor") == 0
    secret = capsys.readouterr().out.strip()
    assert secret.startswith("plumb_")
    assert run(monkeypatch, "keys", "list") == 0
    listed = capsys.readouterr().out
    assert "law=editor" in listed
    assert "valid" in listed
    assert secret.split("_", 2)[2] not in listed
    key_id = listed.split("\t")[0]
    assert run(monkeypatch, "keys", "revoke", key_id) == 0
    assert run(monkeypatch, "keys", "list", "--json") == 0
    assert '"state": "revoked"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("users", "add", "a b", "--password-stdin"), "cannot name a user"),
        (("users", "add", "ann", "--password-stdin"), "characters"),
        (("users", "remove", "ann"), "no user 'ann'"),
        (("users", "passwd", "ann", "--password-stdin"), "no user 'ann'"),
        (("users", "grant", "ann", "law", "owner"), "no role"),
        (("keys", "create", "k", "--user", "ann"), "no user 'ann'"),
        (("keys", "create", "k", "-c", "../etc"), "names no collection"),
        (("keys", "create", "a\nb"), "printable"),
        (("keys", "revoke", "0000"), "no key"),
        (("audit", "export", "--since", "yesterday"), "no day"),
        (("audit", "export", "--out", "/nonexistent/x"), "cannot be written"),
    ],
)
def test_wrong_usage_ends_with_one_sentence(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    told: str,
) -> None:
    assert run(monkeypatch, *arguments) == 2
    err = capsys.readouterr().err
    assert told in err
    assert "Traceback" not in err


def test_the_log_is_exported(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings.model_validate({"home": home, "audit": {"content": True}})
    audit = Audit(home, settings.audit)
    ann = Identity("user", "ann", {})
    audit.note(ann, "ask", via="api", collection="law", documents=["d1", "d2"], content="=1+1")
    audit.close()
    assert run(monkeypatch, "audit", "export") == 0
    entry = json.loads(capsys.readouterr().out)
    assert (entry["who"], entry["documents"], entry["content"]) == ("ann", ["d1", "d2"], "=1+1")
    assert run(monkeypatch, "audit", "export", "--format", "csv", "--since", "2026-01-01") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows[0]["content"] == "'=1+1"
    assert rows[0]["documents"] == "d1 d2"
    out = home / "log.jsonl"
    assert run(monkeypatch, "audit", "export", "--since", "2999-01-01", "--out", str(out)) == 0
    assert out.read_text() == ""


def test_the_log_forgets(home: Path) -> None:
    now = [1_000_000.0]
    settings = Settings.model_validate({"home": home, "audit": {"keep_days": 2}})
    audit = Audit(home, settings.audit, lambda: now[0])
    ann = Identity("user", "ann", {})
    for _ in range(5):
        audit.note(ann, "ask", via="api", content="the question")
        now[0] += 90_000
    kept = list(audit.entries())
    assert len(kept) == 2
    assert all(entry.content is None for entry in kept)
    audit.close()


def test_a_user_or_a_valid_key_opens_another_address(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings.model_validate({"home": home, "server": {"host": "0.0.0.0"}})
    with pytest.raises(Exception, match="plumb users add NAME"):
        check_address(settings)
    assert run(monkeypatch, "keys", "create", "k") == 0
    check_address(settings)
    key_id = capsys.readouterr().out.split("_")[1]
    assert run(monkeypatch, "keys", "revoke", key_id) == 0
    with pytest.raises(Exception, match="neither a user nor a valid key"):
        check_address(settings)
    assert run(monkeypatch, "users", "add", "ann", "--password-stdin", stdin="correct horse") == 0
    check_address(settings)
