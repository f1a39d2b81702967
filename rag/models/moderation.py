"""A text classifier by name, which says of a text that it is none to ask or to show.

Optional: a folder, or a model that a hub client has fetched before, is named in the settings. Never
asks the network.
"""

from __future__ import annotations

from typing import Any

from rag.config import Settings
from rag.errors import ModelError

_LONGEST = 512
"""Tokens read at once, where a model does not say less; longer texts are read in windows."""
_AT_ONCE = 16
_OVERLAP = 32
"""Tokens that two windows share, so that a phrase stands whole in one of them."""


class Classifier:
    """Tells the label for which a text is withheld. `model` and `tokenizer` are
    transformers'; `labels` are those that withhold, from `threshold` of probability on."""

    def __init__(
        self, model: Any, tokenizer: Any, labels: tuple[str, ...], threshold: float
    ) -> None:
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._threshold = threshold
        self._columns = {int(n): s for n, s in model.config.id2label.items() if s in labels}
        # A model of several labels at once has a probability for each of its own.
        several = model.config.problem_type == "multi_label_classification"
        self._each = several or model.config.num_labels == 1
        known = getattr(model.config, "max_position_embeddings", _LONGEST)
        self._longest = min(_LONGEST, known, tokenizer.model_max_length)

    def label(self, text: str) -> str | None:
        """The label that is likeliest of those that withhold, None if none reaches the threshold
        anywhere in the text."""
        import torch

        windows = self._tokenizer(
            text,
            truncation=True,
            max_length=self._longest,
            stride=min(_OVERLAP, self._longest // 4),
            return_overflowing_tokens=True,
            padding=True,
            return_tensors="pt",
        )
        windows.pop("overflow_to_sample_mapping", None)
        likeliest, best = None, self._threshold
        for start in range(0, len(windows["input_ids"]), _AT_ONCE):
            part = {name: rows[start : start + _AT_ONCE] for name, rows in windows.items()}
            with torch.inference_mode():
                logits = self._model(**part).logits
            likely = logits.sigmoid() if self._each else logits.softmax(-1)
            for column, name in self._columns.items():
                share = float(likely[:, column].max())
                if share >= best:
                    likeliest, best = name, share
        return likeliest


def load_classifier(settings: Settings) -> Classifier | None:
    """The classifier that `content.classifier` names, None if it names none. Raises ModelError if
    it is not on this machine, or knows none of the labels."""
    named = settings.content
    if named.classifier is None:
        return None
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(named.classifier, local_files_only=True)
        model = AutoModelForSequenceClassification.from_pretrained(
            named.classifier, local_files_only=True
        )
    except (OSError, ValueError, KeyError) as err:
        raise ModelError(
            f"content.classifier = {named.classifier!r} cannot be loaded: {err}; give the folder "
            "of a text classifier, fetch it with your hub's own client first, or unset it"
        ) from err
    known = list(model.config.id2label.values())
    if unknown := [label for label in named.labels if label not in known]:
        raise ModelError(
            f"content.labels: {named.classifier!r} knows no {', '.join(unknown)}; it knows "
            f"{', '.join(known)}"
        )
    return Classifier(model, tokenizer, named.labels, named.threshold)
