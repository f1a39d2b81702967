"""The cross-encoder is trained on a handful of made-up questions, saved, and read again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from rag.config import Settings
from rag.models.crossencoder import load_pair_scorer
from rag.models.crossinput import Pair
from rag.models.reader import BASE
from training import train


def squad(folder: Path) -> None:
    """Twelve paragraphs with a question that each answers and one that it does not."""
    articles = []
    for number in range(12):
        text = f"Hall {number} was built in {1900 + number}. It belongs to the port of Arden."
        place = text.index(str(1900 + number))
        asked = [
            {
                "question": f"When was hall {number} built?",
                "is_impossible": False,
                "answers": [{"text": str(1900 + number), "answer_start": place}],
            },
            {"question": f"Who built hall {number}?", "is_impossible": True, "answers": []},
        ]
        title = "Warsaw" if number < 3 else f"Hall_{number}"
        articles.append({"title": title, "paragraphs": [{"context": text, "qas": asked}]})
    (folder / "squad2_en.json").write_text(json.dumps({"data": articles}), encoding="utf-8")


def test_training_end_to_end(
    real_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    squad(tmp_path)
    base, out = real_settings.models_dir / BASE, tmp_path / "new.safetensors"
    arguments = ["train", str(tmp_path), "--base", str(base), "--out", str(out)]
    limits = ["--minutes", "0.03", "--workers", "1", "--batch", "4", "--held", "8"]
    monkeypatch.setattr("sys.argv", [*arguments, *limits])
    monkeypatch.setenv("PLUMB_HOME", str(real_settings.home_dir))
    train.main()
    told = load_pair_scorer(base, out, torch.float32).score([Pair("Who?", "", "Anna built it.")])
    assert told.answerable.shape == (1,)
