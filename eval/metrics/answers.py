"""How well an answer agrees with accepted ones. All values lie in [0, 1], higher is better."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from eval.metrics.text import is_chinese, normalise, squeeze, tokens, words_in


def exact_match(answer: str, accepted: Sequence[str]) -> float:
    """1 if the normalised answer equals an accepted one, else 0 (SQuAD, Rajpurkar et al., 2016)."""
    given = normalise(answer)
    return float(any(given == normalise(a) for a in accepted))


def token_f1(answer: str, accepted: Sequence[str]) -> float:
    """Best harmonic mean of token precision and recall over the accepted answers.

    SQuAD's F1; Chinese is segmented as CMRC 2018 does, into single characters. 1 if both are
    empty after normalisation, 0 if one is.
    """
    return max((_f1(tokens(answer), tokens(a)) for a in accepted), default=0.0)


def lcs_f1(answer: str, accepted: Sequence[str]) -> float:
    """CMRC 2018's F1 (Cui et al., 2019): overlap is the longest common run of tokens."""
    return max((_run_f1(tokens(answer), tokens(a)) for a in accepted), default=0.0)


def rouge_l(answer: str, accepted: Sequence[str]) -> float:
    """Best ROUGE-L F-measure (Lin, 2004), beta 1: longest common subsequence of tokens.

    Tokens as for F1, so that it also holds for Chinese, which the usual package drops.
    """
    return max((_rouge(tokens(answer), tokens(a)) for a in accepted), default=0.0)


def contains(answer: str, parts: Sequence[Sequence[str]]) -> float:
    """Share of the parts of which one alternative stands in the answer (RGB's accuracy at 1).

    Full-width forms, case, white space and digit grouping do not count. An alternative without
    Han characters must stand as whole words; of one with them, a number at its edge must be whole,
    so that 12年 is not found in 2012年, and 5月30日 is in 5月30日9时.
    """
    if not parts:
        return 0.0
    return sum(any(_holds(answer, a) for a in part) for part in parts) / len(parts)


def _holds(answer: str, fact: str) -> bool:
    if is_chinese(fact):
        wanted = squeeze(fact)
        before = r"(?<!\d)(?<!\d\.)" if wanted[0].isdigit() else ""
        after = r"(?!\d)" if wanted[-1].isdigit() else ""
        return bool(re.search(f"{before}{re.escape(wanted)}{after}", squeeze(answer)))
    return words_in(_parted(fact)) in words_in(_parted(answer))


def _parted(text: str) -> str:
    """Han characters taken apart, so that Latin words and digits beside them are whole words."""
    return "".join(f" {c} " if is_chinese(c) else c for c in text)


def _f1(given: Sequence[str], wanted: Sequence[str]) -> float:
    if not given or not wanted:
        return float(given == wanted)
    return _harmonic(sum((Counter(given) & Counter(wanted)).values()), len(given), len(wanted))


def _run_f1(given: Sequence[str], wanted: Sequence[str]) -> float:
    best = 0
    row = [0] * (len(wanted) + 1)
    for token in given:
        row = [0, *(row[j] + 1 if token == other else 0 for j, other in enumerate(wanted))]
        best = max(best, *row)
    return _harmonic(best, len(given), len(wanted))


def _rouge(given: Sequence[str], wanted: Sequence[str]) -> float:
    row = [0] * (len(wanted) + 1)
    for token in given:
        above, row = row, [0]
        for j, other in enumerate(wanted):
            row.append(above[j] + 1 if token == other else max(above[j + 1], row[j]))
    return _harmonic(row[-1], len(given), len(wanted))


def _harmonic(common: int, given: int, wanted: int) -> float:
    return 2 * common / (given + wanted) if common else 0.0
