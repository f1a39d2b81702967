"""What a text does not hold is carried from the loader to the receipt, and printed."""

from __future__ import annotations

from pathlib import Path

from ingest.pipeline import ingest
from ingest.receipt import format_receipt, receipt_json
from rag.config import Settings
from rag.store import Collection
from tests.fakes import FakeEmbedder


def test_losses_reach_the_receipt(
    tmp_path: Path, settings: Settings, embedder: FakeEmbedder
) -> None:
    (path := tmp_path / "a.html").write_text("<p>EUR <s>35</s> 42.</p><img src=x.png>")
    missing = ("1 struck-out passage left out", "1 picture without text")
    with Collection.open(settings, "shelf", embedder.info, create=True) as collection:
        receipt = ingest([path], collection, embedder, settings)
        assert [result.missing for result in receipt.results] == [missing]
        line = format_receipt(receipt).split("\n")[0]
        assert line.endswith("(1 page, 1 chunk): " + "; ".join(missing))
        assert receipt_json(receipt)["files"][0]["missing"] == missing
        again = ingest([path], collection, embedder, settings)
    assert [(result.change, result.missing) for result in again.results] == [("unchanged", ())]
