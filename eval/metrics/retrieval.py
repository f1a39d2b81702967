"""Retrieval metrics of one question, computed by `ir-measures`.

All lie in [0, 1], higher is better, and are means over questions:
hit@k        1 if a gold passage is among the first k (Success@k)
recall@k     share of the gold passages among the first k
precision@k  share of the first k that bring a gold passage
mrr@k        1 / rank of the first gold passage within k, else 0 (RR@k)
ndcg@k       discounted cumulative gain over the best possible (Jarvelin and Kekalainen, 2002)
map@k        average precision (AP@k)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from eval.errors import require
from eval.metrics.text import squeeze, tokens
from eval.types import Evidence, Retrieved

CUTOFFS = {"hit": (1, 3, 5, 10), "recall": (1, 3, 5, 10), "precision": (1, 5)}
DEPTH = 10
COVERED = 0.8
"""A hit brings a quote when this share of the quote's tokens stands in it: a quote may cross the
edge of a chunk."""

NAMES: tuple[str, ...] = (
    *(f"{name}@{k}" for name, cuts in CUTOFFS.items() for k in cuts),
    *(f"{name}@{DEPTH}" for name in ("mrr", "ndcg", "map")),
)


def retrieval_scores(hits: Sequence[Retrieved], evidence: Sequence[Evidence]) -> dict[str, float]:
    """All metrics of one question, by name. `hits` best first; `evidence` must not be empty.

    Gold passages are the parts of the evidence, each brought by any of its alternatives; two parts
    first brought by the same hit are one passage. A later hit that only repeats what an earlier
    one brought is not counted again.
    """
    ir = require("ir_measures", "retrieval metrics")
    relevant, missing = _relevant(hits, evidence)
    qrels = [ir.Qrel("q", name, 1) for name in (*relevant, *missing)]
    run = [ir.ScoredDoc("q", f"h{i}", float(-i)) for i in range(len(hits))]
    if not run:
        return dict.fromkeys(NAMES, 0.0)
    measures = _measures(ir)
    values = {str(m.measure): m.value for m in ir.iter_calc(list(measures.values()), qrels, run)}
    return {name: float(values[str(measure)]) for name, measure in measures.items()}


def _measures(ir: object) -> dict[str, object]:
    success, recall, precision = ir.Success, ir.R, ir.P  # type: ignore[attr-defined]
    families = {"hit": success, "recall": recall, "precision": precision}
    out = {f"{name}@{k}": families[name] @ k for name, cuts in CUTOFFS.items() for k in cuts}
    for name, family in (("mrr", "RR"), ("ndcg", "nDCG"), ("map", "AP")):
        out[f"{name}@{DEPTH}"] = getattr(ir, family) @ DEPTH
    return out


def _relevant(
    hits: Sequence[Retrieved], evidence: Sequence[Evidence]
) -> tuple[list[str], list[str]]:
    """Ids of the hits that bring something new, and of the evidence that no hit brings."""
    left: dict[str, list[Evidence]] = defaultdict(list)
    for index, entry in enumerate(evidence):
        left[f"e{index}" if entry.part is None else f"p{entry.part}"].append(entry)
    relevant = []
    for place, hit in enumerate(hits):
        brought = [i for i, group in left.items() if any(brings(hit, e) for e in group)]
        if brought:
            relevant.append(f"h{place}")
        for i in brought:
            del left[i]
    return relevant, list(left)


def brings(hit: Retrieved, evidence: Evidence) -> bool:
    """Whether a hit is from the evidence's document and holds its quote (any part of the document
    if there is no quote)."""
    if base_name(hit.document) != base_name(evidence.document):
        return False
    quote = squeeze(evidence.quote)
    if not quote or quote in squeeze(hit.text):
        return True
    wanted = tokens(evidence.quote)
    there = set(tokens(hit.text))
    return bool(wanted) and sum(t in there for t in wanted) >= COVERED * len(wanted)


def base_name(name: str) -> str:
    """A document's name without folders."""
    return name.replace("\\", "/").rsplit("/", 1)[-1]
