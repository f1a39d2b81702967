"""Summaries against the plain ways: what of a document they tell, how much of it holds, how soon.

    python -m benchmarks.summaries FILE... [--language zh]

Each file is summarised in three ways by the same models:

shipped   as `plumb summarise` does it: part by part, then an overview
one call  one call over the first tokens that fit into the model's context
leading   the first sentences of each part, as many as the shipped summary has for it; no model

No reference is needed. `told` is the share of the document's parts (`rag.summary.outline`) to which
at least one sentence of the summary is nearest, by the embedder. `held` is the share of its
sentences that our own verifier finds supported in the five nearest chunks, read whole. Ours judges
ours here: what it says of leading sentences, which are copies, shows what it misses. Both are means
over files with 95 % intervals, resampled by file.

`cpu` are seconds that all threads of this process computed, which is what tells on a machine that
does other things too; two free cores take half of it at least.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.answers import settings_under
from eval.stats import estimate
from eval.types import Score
from ingest.source import read_source
from rag.checking import Reviewer
from rag.config import Settings
from rag.evidence import whole
from rag.generation import Draft, pieces
from rag.models.generator import Generator, open_generator
from rag.seams import Embedder
from rag.summarise import Summariser
from rag.summary import Source, about_part, outline
from rag.summary.draft import whole_sentences
from rag.summary.outline import Part
from rag.text import detect_language, sentence_spans
from rag.tools import Tools, load_tools
from rag.types import Hit, Language

WAYS = ("shipped", "one call", "leading")
NEAREST = 5
_ROOM = 900
"""Tokens of the context that instructions, example and answer need in the one call, and what the
two tokenizers count differently."""
_WRITTEN = 500
_TITLE_SHARE = 3
"""Sentences of a part that stand for it among the leading ones."""


@dataclass(frozen=True, slots=True)
class Told:
    """One summary: its sentences, and the seconds that it took on the clock and of processors."""

    sentences: tuple[str, ...]
    seconds: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Judged:
    """Shares of parts told and of sentences held."""

    told: float
    held: float


class Bench:
    """The three ways over one set of models."""

    def __init__(self, tools: Tools, generator: Generator, settings: Settings) -> None:
        self._embedder: Embedder = tools.search.embedder
        self._generator = generator
        self._settings = settings
        self._summariser = Summariser(generator.chat, generator.name, tools, settings)
        checking = settings.checking.model_copy(update={"conflicts": False})
        self._reviewer = Reviewer(self._embedder, tools.scorer, None, None, checking)

    def told(self, way: str, source: Source, language: Language) -> Told:
        """A summary made in one of the ways."""
        ways: dict[str, Callable[[Source, Language], list[str]]] = {
            "shipped": self._shipped,
            "one call": self._one_call,
            "leading": self._leading,
        }
        began, computed = time.monotonic(), time.process_time()
        sentences = ways[way](source, language)
        seconds, cpu = time.monotonic() - began, time.process_time() - computed
        return Told(tuple(sentences), seconds, cpu)

    def _shipped(self, source: Source, language: Language) -> list[str]:
        answer = self._summariser.summarise([source], language)
        return [one.text for one in answer.sentences if one.verdict != "no_claim"]

    def _one_call(self, source: Source, language: Language) -> list[str]:
        left = self._settings.generator.context_tokens - _ROOM
        first: list[Hit] = []
        for hit in source.hits:
            left -= hit.chunk.tokens
            if left < 0 and first:
                break
            first.append(hit)
        messages = about_part(source.name, whole(first), language)
        raw = "".join(pieces(self._generator.chat, messages, max_completion_tokens=_WRITTEN))
        return _sentences(whole_sentences(raw))

    def _leading(self, source: Source, language: Language) -> list[str]:
        parts = outline([source])
        return [one for part in parts for one in _sentences(_text(part))[:_TITLE_SHARE]]

    def judged(self, sentences: Sequence[str], source: Source, language: Language) -> Judged:
        """How much of the document the sentences tell, and how many of them hold."""
        if not sentences:
            return Judged(0.0, 0.0)
        parts = outline([source])
        owner = [n for n, part in enumerate(parts) for _ in part.hits]
        hits = [hit for part in parts for hit in part.hits]
        texts = self._embedder.embed_passages([hit.chunk.text for hit in hits])
        near = self._embedder.embed_passages(list(sentences)) @ texts.T
        reached = {owner[int(one)] for one in near.argmax(axis=1)}
        held = 0
        for sentence, cosines in zip(sentences, near, strict=True):
            best = [hits[int(one)] for one in np.argsort(-cosines)[:NEAREST]]
            question = {"en": "What does it say?", "zh": "说了什么？"}[language]
            checked = self._reviewer.review(question, whole(best), Draft(sentence, declined=False))
            held += all(claim.verdict in ("supported", "no_claim") for claim in checked.claims)
        return Judged(len(reached) / len(parts), held / len(sentences))


def _sentences(text: str) -> list[str]:
    return [one for start, end in sentence_spans(text) if (one := text[start:end].strip())]


def _text(part: Part) -> str:
    return "\n".join(hit.chunk.text for hit in part.hits)


def main(argv: Sequence[str] | None = None) -> int:
    """Summarise every file in every way and print the table."""
    parser = argparse.ArgumentParser(description="Summaries against the plain ways.")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--language", choices=("en", "zh"), help="default: the file's own")
    parser.add_argument("--home", type=Path, help="the models' home, else the settings'")
    options = parser.parse_args(argv)
    settings = settings_under(options.home)
    tools = load_tools(settings)
    rows: dict[str, list[tuple[Told, Judged, int]]] = {way: [] for way in WAYS}
    with open_generator(settings) as generator:
        bench = Bench(tools, generator, settings)
        for file in options.files:
            source = read_source(file, tools.search.plain, settings)
            tokens = sum(hit.chunk.tokens for hit in source.hits)
            language = options.language or detect_language(source.hits[0].chunk.text)
            for way in WAYS:
                told = bench.told(way, source, language)
                judged = bench.judged(told.sentences, source, language)
                rows[way].append((told, judged, tokens))
                print(
                    f"{file.name} ({tokens} tokens), {way}: {len(told.sentences)} sentences, "
                    f"told {judged.told:.2f}, held {judged.held:.2f}, {told.seconds:.0f} s, "
                    f"cpu {told.cpu:.0f} s",
                    file=sys.stderr,
                    flush=True,
                )
    print(table(rows))
    return 0


def table(rows: dict[str, list[tuple[Told, Judged, int]]]) -> str:
    """A row for each way: parts told, sentences held, and processor seconds for 10,000 tokens."""
    lines = ["| | parts told | sentences held | sentences | cpu s per 10,000 tokens |"]
    lines += ["|---|---|---|---|---|"]
    for way, found in rows.items():
        shares = []
        for name in ("told", "held"):
            each = estimate([Score(getattr(judged, name)) for _, judged, _ in found])
            shares.append(f"{each.value:.2f} ({each.low:.2f}–{each.high:.2f})")
        count = sum(len(told.sentences) for told, _, _ in found) / len(found)
        cpu = sum(told.cpu for told, _, _ in found) / sum(tokens for _, _, tokens in found) * 1e4
        lines.append(f"| {way} | {shares[0]} | {shares[1]} | {count:.0f} | {cpu:.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
