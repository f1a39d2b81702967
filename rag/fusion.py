"""Fusing what two searches found into one order. Pure functions over scores.

Scores of different kinds are made comparable by standardising each against what is usual for the
question: a passage's vector similarity against a sample of the collection, its BM25 against the
other passages that share words with the question. Their weighted sum orders the passages (the
sum-of-standardised-scores scheme of Lee, "Analyses of multiple evidence combination", 1997, with
z-scores for ranges).

Languages. An embedder puts texts of one language near each other, whatever they say, so that a
Chinese question finds any Chinese passage before the English one that answers it. Standardising
within each passage's language takes that away. Nor can a passage in another language share words
with the question, which is no evidence against it; what it may share are the words that a
dictionary puts in their place, and they order the passages of that language. On XQuAD with half
the paragraphs in English and half in Chinese this lifts recall@5 across languages from below 0.5
to above 0.9 and leaves it unchanged within one (docs/retrieval.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from rag.types import FloatArray, Language

KEYWORD_WEIGHT = 0.5
"""Of keywords against vectors. Figures change little from 0.3 to 0.8 (docs/retrieval.md)."""

_OTHER_LANGUAGE = 1.5
"""The least standardised keyword score of a passage in another language than the question: about
that of a good match, since sharing no words is no evidence against it."""

_TRANSLATED = 1.0
"""What a standard deviation of the translated words' score is worth beside one of the own ones'."""

_PRIOR = 1.0
"""How many passages' worth the mean over all languages counts in the mean of one, so that the
passages of a language that has few of them are not judged by themselves alone."""


def fuse(
    similarities: Mapping[str, float],
    keywords: Mapping[str, float],
    languages: Mapping[str, Language],
    asked_in: Language,
    background: Mapping[Language, FloatArray],
    translated: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """The fused score of each passage in `similarities`, by id, higher is better.

    `similarities` are cosines and `languages` says what each passage is written in; `keywords` are
    BM25 scores of those that share words with the question, `translated` those of passages in the
    other language that share a translation of its words; `background` holds the cosines of a
    sample of the collection by language, shape [any]. A passage about as near to the question as
    any other and without its words gets about 0; one that answers it mostly 3 to 6.
    """
    near = standardised_similarities(similarities, languages, background)
    matches = standardised_keywords(keywords, languages, asked_in)
    known = standardised_translations(translated or {}, languages, asked_in)
    return {key: near[key] + KEYWORD_WEIGHT * (matches[key] + known[key]) for key in near}


def standardised_similarities(
    similarities: Mapping[str, float],
    languages: Mapping[str, Language],
    background: Mapping[Language, FloatArray],
) -> dict[str, float]:
    """Each similarity in standard deviations above what is usual for its passage's language.

    The deviation is that within languages, pooled over them.
    """
    everything = np.concatenate([*background.values(), np.zeros(0, dtype=np.float32)])
    if not everything.size:
        return dict.fromkeys(similarities, 0.0)
    overall = float(everything.mean())
    usual = {
        language: (float(sample.sum()) + _PRIOR * overall) / (sample.size + _PRIOR)
        for language, sample in background.items()
    }
    squares = sum(float(((sample - usual[name]) ** 2).sum()) for name, sample in background.items())
    deviation = float(np.sqrt(squares / everything.size)) or 1.0
    return {
        key: (similarity - usual.get(languages[key], overall)) / deviation
        for key, similarity in similarities.items()
    }


def standardised_keywords(
    keywords: Mapping[str, float],
    languages: Mapping[str, Language],
    asked_in: Language,
) -> dict[str, float]:
    """Each passage's BM25 score, 0 if it shares no word with the question, in standard deviations
    above the mean of the candidates that could share words: those that do, those in the question's
    language, and one made up that shares none, lest a lone candidate be its own measure.

    All 0 if no passage shares a word with the question.
    """
    if not keywords:
        return dict.fromkeys(languages, 0.0)
    comparable = [key for key, name in languages.items() if name == asked_in or key in keywords]
    values = np.array([*(keywords.get(key, 0.0) for key in comparable), 0.0])
    mean, deviation = float(values.mean()), float(values.std()) or 1.0
    matches = {key: (keywords.get(key, 0.0) - mean) / deviation for key in languages}
    return {
        key: match if languages[key] == asked_in else max(match, _OTHER_LANGUAGE)
        for key, match in matches.items()
    }


def standardised_translations(
    translated: Mapping[str, float], languages: Mapping[str, Language], asked_in: Language
) -> dict[str, float]:
    """The BM25 score of the question's translated words for each passage in another language, 0 if
    it shares none, in standard deviations above the mean of those passages; 0 for the others."""
    foreign = [key for key, language in languages.items() if language != asked_in]
    values = np.array([translated.get(key, 0.0) for key in foreign])
    deviation = float(values.std()) if foreign else 0.0
    if not deviation:
        return dict.fromkeys(languages, 0.0)
    known = dict(zip(foreign, (values - values.mean()) / deviation, strict=True))
    return {key: _TRANSLATED * float(known.get(key, 0.0)) for key in languages}


def distinct(texts: Iterable[Sequence[str]], limit: int) -> list[int]:
    """The indices of the first `limit` passages that say something which no earlier one says.

    `texts` are passages as terms in order of rank. A passage repeats an earlier one if that has
    all its words and nine tenths of its runs of four words: the same text laid out or spelt
    otherwise, a cut of it, a copy in another file. A text in which only a number, a year or a name
    is another stays, since there lies what tells two versions apart.
    """
    kept: list[int] = []
    seen: list[tuple[set[str], set[tuple[str, ...]]]] = []
    for index, terms in enumerate(texts):
        if len(kept) == limit:
            break
        words, runs = set(terms), _runs(terms)
        if any(words <= w and len(runs & r) >= 0.9 * len(runs) for w, r in seen):
            continue
        kept.append(index)
        seen.append((words, runs))
    return kept


def _runs(terms: Sequence[str], length: int = 4) -> set[tuple[str, ...]]:
    return {tuple(terms[i : i + length]) for i in range(max(1, len(terms) - length + 1))}
