from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from eval.past_runs import identity, remember
from eval.report import HTML_FILE, RESULTS_FILE, ReportInfo
from eval.stats import Estimate
from tests.markup import EVIL, Tree
from web.access.identity import current
from web.guard import Guard, Rules
from web.render_reports import report_list
from web.reports import REPORTS_PATH, Reports
from web.texts import EN, ZH, Texts

FINISHED = "2026-11-22T13:05:00+00:00"


def info(name: str, **headline: Estimate) -> ReportInfo:
    folder = Path("/runs") / "one"
    return ReportInfo(name, FINISHED, 110, headline, folder / HTML_FILE, folder)


@pytest.fixture
def run(tmp_path: Path, home: Path) -> Path:
    """A finished run, as far as a list needs it, remembered in the home."""
    folder = tmp_path / "a run"
    folder.mkdir()
    (folder / HTML_FILE).write_text("<h1>Report</h1>")
    (folder / RESULTS_FILE).write_text(
        f'{{"name": "plumbline on examples", "finished": "{FINISHED}",'
        ' "data": {"questions_asked": 3}, "arms": [{"metrics": {}}]}'
    )
    remember(folder, home)
    return folder


def client(home: Path) -> TestClient:
    app = FastAPI()
    app.router.routes.extend(Reports(home, current).routes())
    host = {"host": "127.0.0.1:7860"}
    return TestClient(Guard(app, Rules("127.0.0.1", None, 2**20)), headers=host)


def test_a_report_is_served_in_a_sandbox(run: Path, home: Path) -> None:
    reply = client(home).get(f"{REPORTS_PATH}/{identity(run.resolve())}")
    assert (reply.status_code, reply.text) == (200, "<h1>Report</h1>")
    [policy] = reply.headers.get_list("content-security-policy")
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert reply.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("asked", ["0123456789abcdef", "..%2F..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd"])
def test_no_other_file_is_served(run: Path, home: Path, asked: str) -> None:
    assert client(home).get(f"{REPORTS_PATH}/{asked}").status_code == 404


@pytest.mark.parametrize("t", [EN, ZH])
def test_the_list_links_to_each_report_and_tells_its_figures(t: Texts) -> None:
    tree = Tree(
        report_list(
            {
                "00ff": info(
                    EVIL,
                    correct=Estimate(0.5, 0.4, 0.625, 110),
                    latency_p50=Estimate(9876.0, 9000.0, 11000.0, 110),
                )
            },
            t,
        )
    )
    [link] = tree.all("a")
    assert link["href"] == f"{REPORTS_PATH}/00ff"
    assert (link["target"], link["rel"]) == ("_blank", "noopener")
    assert not tree.all("script")
    assert EVIL in tree.text
    assert "50.0 %40.0–62.5" in tree.text
    assert "9.9 s9.0–11.0" in tree.text
    assert tree.text.count("–") == len(
        t.metrics
    )  # two intervals; what was not measured is not a zero
    assert "2026-11-22 13:05" in tree.text


@pytest.mark.parametrize("t", [EN, ZH])
def test_without_a_run_the_list_says_how_to_make_one(t: Texts) -> None:
    assert "plumb eval run --data" in Tree(report_list({}, t)).text
