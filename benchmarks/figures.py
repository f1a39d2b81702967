"""What the rules about figures catch, and what they flag wrongly, on questions in SQuAD format.

    python -m benchmarks.figures xquad.en.json xquad.zh.json

Of every question whose answer is a figure, the answer is told with its question ("How many ... 24")
and held against the sentence that it stands in, as a citation would be; so is every other figure of
that sentence which the question does not say, told as the answer. The rules of `rag/clauses.py`
ought to flag none of the former and, where the sentence shows it, the latter. No model is needed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eval.data.lines import read_text
from rag.clauses import (
    figures_in,
    told_of_a_year_compared,
    told_of_another,
    told_of_something_else,
    told_under_another,
)
from rag.text.quantities import agree
from rag.text import sentence_spans

_LONGEST = 25
"""Characters of an answer that is taken for a figure and not for a phrase with one."""


@dataclass(frozen=True, slots=True)
class Told:
    """A figure told as the answer to a question: is it right, and the sentence it stands in."""

    question: str
    figure: str
    right: bool
    sentence: str

    @property
    def flagged(self) -> bool:
        """Whether a rule says that the sentence tells the figure of something else."""
        claim = f"{self.question.rstrip('?？')} {self.figure}"
        return (
            told_of_another(claim, [self.sentence])
            or told_of_a_year_compared(claim, [self.sentence])
            or told_of_something_else(self.question, claim, [self.sentence])
            or told_under_another(self.question, claim, [self.sentence])
        )


def told_in(path: Path) -> Iterator[Told]:
    """The cases of a file in SQuAD 1.1 format."""
    for article in json.loads(read_text(path))["data"]:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            for question in paragraph["qas"]:
                answer = question["answers"][0]
                yield from _cases(question["question"], answer, text)


def _cases(question: str, answer: dict[str, int | str], text: str) -> Iterator[Told]:
    said, at = str(answer["text"]), int(answer["answer_start"])
    right, known = figures_in(said), figures_in(question)
    around = [text[start:end] for start, end in sentence_spans(text) if start <= at < end]
    if not right or len(said) > _LONGEST or not around:
        return
    yield Told(question, said, True, around[0])
    for other in figures_in(around[0]):
        if not any(agree(other, one) for one in (*right, *known)):
            yield Told(question, other.text, False, around[0])


def main() -> None:
    """Read the arguments and print a line for each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    for path in parser.parse_args().files:
        cases = list(told_in(path))
        counts = {
            name: f"{sum(case.flagged for case in cases if case.right == right)} of "
            f"{sum(case.right == right for case in cases)}"
            for name, right in (("right", True), ("wrong", False))
        }
        print(json.dumps({"set": path.stem} | counts))


if __name__ == "__main__":
    main()
