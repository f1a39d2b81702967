"""`plumb eval synth | review | export`: questions from a collection, looked over by people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from eval.errors import DataError
from eval.synth.prompts import KINDS, Kind
from eval.terminal import progress_bars, settings_for, told_plainly
from rag.config import Settings

if TYPE_CHECKING:
    from eval.synth.generate import Maker


def synth(
    out: Annotated[Path, typer.Option(help="JSONL to write; the review page lies beside it.")],
    count: Annotated[int, typer.Option("--n", min=1, help="Questions wanted.")] = 30,
    kind: Annotated[
        list[str] | None, typer.Option(help=f"{', '.join(KINDS)}; several times.")
    ] = None,
    collection: Annotated[str | None, typer.Option(help="Collection to ask about.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the passages drawn.")] = 0,
    show_rejected: Annotated[bool, typer.Option(help="Print what was thrown out.")] = False,
) -> None:
    """Make questions with answers and quoted evidence, keeping those that pass every check."""
    with told_plainly(), ExitStack() as stack:
        kinds = _kinds(kind or [])
        maker = _maker(settings_for(collection), seed, stack)
        reasons: list[str] = []

        def rejected(kind: Kind, question: str, why: Sequence[str]) -> None:
            reasons.extend(why)
            if show_rejected:
                typer.echo(f"rejected ({kind}): {question or '-'}: {'; '.join(why)}", err=True)

        lines: list[dict[str, object]] = []
        out.parent.mkdir(parents=True, exist_ok=True)
        progress = stack.enter_context(progress_bars())
        with out.open("w", encoding="utf-8") as file:
            for number, question in enumerate(maker.make(count, kinds, rejected), start=1):
                line = question.to_json(f"s{number:04d}")
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                file.flush()
                lines.append(line)
                progress("questions", number, count)
        if not lines:
            most = max(set(reasons), key=reasons.count) if reasons else "no passage is long enough"
            raise DataError(f"no question passed the checks (most often: {most})")
        _write_page(lines, out)
        typer.echo(f"{len(lines)} questions in {out}, {len(reasons)} objections on the way")


def review(
    file: Annotated[Path, typer.Argument(help="JSONL of generated questions.")],
) -> None:
    """Write the page on which to accept, mend or reject the questions of a file."""
    from eval.synth.review import read_lines

    with told_plainly():
        _write_page(read_lines(file), file)


def export(
    file: Annotated[Path, typer.Argument(help="JSONL of reviewed questions.")],
    out: Annotated[Path, typer.Option(help="JSONL of fine-tuning pairs to write.")],
    every: Annotated[bool, typer.Option("--all", help="Also those not reviewed yet.")] = False,
) -> None:
    """Turn accepted questions into fine-tuning pairs (chat messages, one object a line)."""
    from eval.synth.review import export_pairs, read_lines

    with told_plainly():
        lines = list(export_pairs(read_lines(file), every=every))
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text("\n".join(lines) + "\n", encoding="utf-8")
        typer.echo(f"{len(lines)} pairs in {out}")


def _kinds(names: Sequence[str]) -> list[Kind]:
    for name in names:
        if name not in KINDS:
            raise DataError(f"unknown kind {name!r}; known are {', '.join(KINDS)}")
    return [cast(Kind, name) for name in names]


def _maker(settings: Settings, seed: int, stack: ExitStack) -> Maker:
    from eval.synth.generate import Maker, Source
    from rag.models.generator import open_generator, served
    from rag.store import Collection
    from rag.tools import load_search

    search = load_search(settings)
    opened = Collection.open(settings, settings.collection, search.embedder.info)
    collection = stack.enter_context(opened)
    sources = [
        Source(info.name, chunk.text)
        for info in collection.documents()
        for chunk in collection.document_chunks(info.document_id)
    ]
    if not sources:
        raise DataError(f"the collection {settings.collection!r} is empty: ingest documents first")
    finder = search.retriever(collection, settings)
    generator = stack.enter_context(open_generator(served(settings)))

    def find(query: str) -> list[Source]:
        return [Source(hit.document, hit.chunk.text) for hit in finder.retrieve(query)]

    return Maker(generator.chat, find, sources, seed)


def _write_page(lines: Sequence[dict[str, object]], file: Path) -> None:
    from eval.synth.review import render_review

    page = file.with_suffix(".html")
    page.write_text(render_review(lines, file.name), encoding="utf-8")
    typer.echo(f"review page: {page}")
