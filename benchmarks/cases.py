"""Small files with known contents: what is read of them, and what is answered from them.

    python -m benchmarks.cases FOLDER [--ask]

FOLDER holds files and `expected.jsonl`, an object a line: `file`, `must` and `must_not` (strings
that the extracted text holds or does not hold), and `ask` (objects with `q`, `answer`: one of these
strings stands in the answer, and `not`: none of these does). With --ask every file becomes a
collection of its own, and its questions go through the whole pipeline. Prints a line for each
expectation that is not met, and the counts; exits with 1 if an extracted text is not as expected.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ingest.loaders import load
from ingest.pipeline import ingest
from rag.config import Settings, load_settings
from rag.errors import DocumentError
from rag.models.generator import open_generator
from rag.pipeline import Answerer
from rag.store import Collection
from rag.tools import load_search, load_tools
from rag.types import Answer


def main(argv: Sequence[str] | None = None) -> int:
    """Read every file, ask its questions where wanted, and print what is not as expected."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ask", action="store_true", help="put the questions too (minutes)")
    options = parser.parse_args(argv)
    lines = (options.folder / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines if line.strip()]
    settings = load_settings()
    misread = [said for case in cases for said in misreadings(case, options.folder, settings)]
    print(*misread, sep="\n")
    print(f"read as expected: {len(cases) - len({m.split(':')[0] for m in misread})}/{len(cases)}")
    if options.ask:
        print(tally(asked(cases, options.folder, settings)))
    return int(bool(misread))


def misreadings(case: Mapping[str, Any], folder: Path, settings: Settings) -> Iterator[str]:
    """A line for each string that the text of the case's file should hold and does not, or holds
    and should not. A file that cannot be read holds nothing."""
    try:
        document = load(folder / case["file"], settings.ingest)
        text = "\n".join(page.text for page in document.pages)
    except DocumentError:
        text = ""
    for wanted in case.get("must", ()):
        if wanted not in text:
            yield f"{case['file']}: does not hold {wanted!r}"
    for unwanted in case.get("must_not", ()):
        if unwanted in text:
            yield f"{case['file']}: holds {unwanted!r}"


def asked(cases: Sequence[Mapping[str, Any]], folder: Path, settings: Settings) -> Iterator[str]:
    """ "right", "wrong" or "refused" for each question, told as it comes where it is not right."""
    search = load_search(settings)
    tools = load_tools(settings, search)
    with tempfile.TemporaryDirectory() as home, open_generator(settings) as generator:
        for number, case in enumerate(case for case in cases if case.get("ask")):
            here = settings.model_copy(update={"home": Path(home)})
            name, info = f"case-{number}", search.embedder.info
            with Collection.open(here, name, info, create=True) as collection:
                ingest([folder / case["file"]], collection, search.plain, here)
                finder = search.retriever(collection, settings)
                answerer = Answerer(finder, generator.chat, generator.name, tools, settings)
                for question in case["ask"]:
                    answer = answerer.answer(question["q"])
                    became = outcome(answer, question)
                    if became != "right":
                        print(f"{case['file']}: {became}: {question['q']} -> {answer.answer}")
                    yield became


def outcome(answer: Answer, question: Mapping[str, Any]) -> str:
    """What became of a question of a case."""
    if answer.status == "abstained":
        return "refused"
    given = answer.answer.casefold()
    held = any(part.casefold() in given for part in question["answer"])
    false = any(part.casefold() in given for part in question.get("not", ()))
    return "right" if held and not false else "wrong"


def tally(outcomes: Iterator[str]) -> str:
    """How many questions had which outcome."""
    counts = {"right": 0, "wrong": 0, "refused": 0}
    for became in outcomes:
        counts[became] += 1
    return f"asked {sum(counts.values())}: " + ", ".join(
        f"{n} {what}" for what, n in counts.items()
    )


if __name__ == "__main__":
    sys.exit(main())
