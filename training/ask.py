"""Have the local generator write what no source holds: English questions, and the other language.

    python -m training.ask DATA_FOLDER --out WRITTEN.jsonl --questions 700 --translations 900

DRCD asks about an encyclopaedia in Chinese; in English there is only PolicyQA, on one subject. So
questions are written for names, years and numbers in sentences of WiCE and PubMedQA. And no source
holds a question in both languages, without which the encoder reads across them far worse than
within one. So some of all questions are translated. A line of the file is an object: `asked` (the
question), `sentence` and `answer`, or `source` and `translation`. A run that was stopped goes on
where it ended. What is unsound, such as a translation that loses a number, is left out when the
file is read (`read_written`).
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from tqdm import tqdm

from rag.config import load_settings
from rag.crossinput import fold
from rag.models.generator import open_generator
from rag.text import detect_language, keyword_terms
from training.entities import find_entities
from training.sources import Sources, read_sources

_AT_ONCE = 3
_QUESTION_CHARS = {"zh": (8, 60), "en": (20, 170)}
_SENTENCE_CHARS = (50, 260)
_LENGTHENS = {"zh": (1.2, 8.0), "en": (0.12, 0.9)}
"""Characters of a translation to one of its source, by the source's language."""

_ASK = (
    "Write one question that the sentence answers with the answer given. Name in it what the "
    "sentence is about; do not say the answer. Write the question only."
)
_ASK_SHOWN = (
    (
        "Sentence: The old mill at Farnley was rebuilt by Thomas Reed in 1853.\nAnswer: 1853",
        "When was the old mill at Farnley rebuilt?",
    ),
    (
        "Sentence: Of the 64 dogs in the trial, 17 were given the new drug.\nAnswer: 17",
        "How many dogs in the trial received the new drug?",
    ),
)
_TRANSLATE = {
    "en": "Translate the Chinese question into English. Keep every number, year and name. "
    "Write the translation only.",
    "zh": "把英文问题译成中文。数字、年份和名称都要保留。只写译文。",
}
_TRANSLATE_SHOWN = {
    "en": (
        ("该仓库在2009年由谁负责扩建?", "Who was in charge of extending the warehouse in 2009?"),
        ("汉堡的这座桥长多少米?", "How many metres long is the bridge in Hamburg?"),
    ),
    "zh": (
        ("Which firm repaired the pumps in 1987?", "1987年哪家公司修理了水泵?"),
        ("What share of the users may ask for a copy?", "有多大比例的用户可以索取副本?"),
    ),
}


@dataclass(frozen=True, slots=True)
class Written:
    """`questions`: sentence to its (question, answer) pairs; `translations`: question to itself in
    the other language."""

    questions: dict[str, list[tuple[str, str]]]
    translations: dict[str, str]


def main() -> None:
    """Read the arguments, have written what is not written yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=700)
    parser.add_argument("--translations", type=int, default=900)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument(
        "--held-out",
        action="store_true",
        help="of the held-out articles alone, which is enough to fit the decision to refuse",
    )
    options = parser.parse_args()
    sources = read_sources(options.data)
    if options.held_out:
        sources = sources.split(True)
    with (
        open_generator(load_settings()) as generator,
        options.out.open("a", encoding="utf-8") as out,
        ThreadPoolExecutor(_AT_ONCE) as pool,
    ):

        def have_written(entries: list[dict[str, str]], key: str, write: _Write) -> None:
            done = {(e.get("sentence"), e.get("source")) for e in _entries(options.out)}
            left = [e for e in entries if (e.get("sentence"), e.get("source")) not in done]
            said = pool.map(lambda entry: write(generator.chat, entry), left)
            for entry, text in zip(left, tqdm(said, key, total=len(left)), strict=True):
                out.write(json.dumps({**entry, key: text}, ensure_ascii=False) + "\n")
                out.flush()

        drawn = _sentences(sources, options.questions, random.Random(options.seed))
        have_written(drawn, "asked", _ask)
        english = [q for told in read_written(options.out).questions.values() for q, _ in told]
        rng = random.Random(options.seed + 1)
        have_written(_questions(sources, english, options.translations, rng), "translation", _turn)


_Write = Callable[[BaseChatModel, dict[str, str]], str]


def read_written(path: Path) -> Written:
    """What is sound of the file."""
    written = Written({}, {})
    for entry in _entries(path):
        if "asked" in entry and _asks_well(entry):
            pairs = written.questions.setdefault(entry["sentence"], [])
            pairs.append((fold(entry["asked"]), entry["answer"]))
        elif "translation" in entry and _is_faithful(entry["source"], entry["translation"]):
            written.translations[entry["source"]] = fold(entry["translation"])
    return written


def with_written(sources: Sources, path: Path | None) -> Sources:
    """`sources` with what was written to `path`; as they are without one."""
    if path is None:
        return sources
    written = read_written(path)
    return sources.with_written(written.questions, written.translations)


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def _asks_well(entry: dict[str, str]) -> bool:
    question = entry["asked"]
    return (
        question.endswith("?")
        and 15 < len(question) < 200
        and "\n" not in question
        and not re.search(r"\bsentence\b", question)
        and not re.search(rf"(?<!\w){re.escape(entry['answer'])}(?!\w)", question)
        and len(set(keyword_terms(question)) & set(keyword_terms(entry["sentence"]))) >= 2
    )


def _is_faithful(source: str, translation: str) -> bool:
    low, high = _LENGTHENS[detect_language(source)]
    return (
        detect_language(source) != detect_language(translation)
        and low <= len(translation) / max(1, len(source)) <= high
        and set(re.findall(r"\d+", source)) == set(re.findall(r"\d+", translation))
        and "\n" not in translation
    )


def _sentences(sources: Sources, count: int, rng: random.Random) -> list[dict[str, str]]:
    """Sentences with an answer in each, three of WiCE for one of PubMedQA."""
    found: dict[str, list[dict[str, str]]] = {"wice": [], "pubmedqa": []}
    for paragraph in sources.paragraphs:
        for sentence in paragraph.sentences if paragraph.source in found else ():
            low, high = _SENTENCE_CHARS
            entities = [e.text for e in find_entities(sentence) if e.type != "month"]
            if low <= len(sentence) <= high and entities:
                entry = {"sentence": sentence, "answer": rng.choice(entities)}
                found[paragraph.source].append(entry)
    wice = rng.sample(found["wice"], min(count * 3 // 4, len(found["wice"])))
    rest = min(count - len(wice), len(found["pubmedqa"]))
    drawn = [*wice, *rng.sample(found["pubmedqa"], rest)]
    rng.shuffle(drawn)
    return drawn


def _questions(
    sources: Sources, english: Sequence[str], count: int, rng: random.Random
) -> list[dict[str, str]]:
    """Half Chinese questions (DRCD), half English ones (those written, and PolicyQA's)."""
    asked = {
        name: [q.text for p in sources.paragraphs if p.source == name for q in p.questions]
        for name in ("drcd", "policyqa")
    }
    pools = [(asked["drcd"], count // 2), (english, count // 3), (asked["policyqa"], count // 6)]
    drawn = []
    for texts, share in pools:
        fitting = sorted({text for text in texts if _fits(text)})
        drawn += rng.sample(fitting, min(share, len(fitting)))
    rng.shuffle(drawn)
    return [{"source": text} for text in drawn]


def _fits(text: str) -> bool:
    low, high = _QUESTION_CHARS[detect_language(text)]
    return low <= len(text) <= high


def _ask(chat: BaseChatModel, entry: dict[str, str]) -> str:
    return _reply(
        chat, _ASK, _ASK_SHOWN, f"Sentence: {entry['sentence']}\nAnswer: {entry['answer']}"
    )


def _turn(chat: BaseChatModel, entry: dict[str, str]) -> str:
    source = entry["source"]
    other = "en" if detect_language(source) == "zh" else "zh"
    return _reply(chat, _TRANSLATE[other], _TRANSLATE_SHOWN[other], source)


def _reply(chat: BaseChatModel, task: str, shown: Sequence[tuple[str, str]], text: str) -> str:
    before = [m for said, reply in shown for m in (HumanMessage(said), AIMessage(reply))]
    return str(chat.invoke([SystemMessage(task), *before, HumanMessage(text)]).content).strip()


if __name__ == "__main__":
    main()
