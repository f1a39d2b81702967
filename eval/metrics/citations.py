"""Citations of one answer, as in ALCE (Gao et al., 2023), and whether quotes are the real words.

`citation_recall`     mean over the answer's claims: 1 if its citations together support it, else 0
`citation_precision`  share of citations that matter: the claim is supported, and the citation
                      supports it alone or the others do not without it
`quote_exactness`     share of citations whose quote is the document's text at its offsets
`cited_claims`        share of claims with at least one citation
`gold_citations`      share of citations whose words are those of the gold evidence, or part of them
`gold_evidence`       share of the parts of the gold evidence that are cited
The last two need no judge: a quote and a piece of evidence are the same if one has `SAME` of the
other's tokens. Fields of a table count, the bars between them do not.
All lie in [0, 1], higher is better; recall and precision are means over answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eval.metrics.retrieval import base_name
from eval.metrics.text import tokens
from eval.types import CitedQuote, Claim, Evidence, Judgement, Score

SAME = 0.6
"""Share of the shorter text's tokens that the longer one must have."""

Supports = Callable[[Sequence[str]], Judgement]
"""Do these passages together support the claim at hand?"""


def citation_scores(
    claims: Sequence[Claim], supports: Callable[[str, Sequence[str]], Judgement]
) -> dict[str, Score]:
    """ALCE's recall and precision of one answer; `supports(claim, passages)` asks the judge.

    An answer without claims has no scores; one without citations has recall 0 and precision 0.
    """
    if not claims:
        return {}
    entailed, kept, total, unscored = 0, 0, 0, 0
    for claim in claims:
        quotes = [c.quote for c in claim.citations]
        total += len(quotes)
        if not quotes:
            continue
        joint = supports(claim.text, quotes)
        unscored += joint.supported is None
        if joint.supported:
            entailed += 1
            kept += _that_matter(claim.text, quotes, supports)
    flag = float(unscored > 0)
    return {
        "citation_recall": Score(entailed / len(claims), 1.0, flag),
        "citation_precision": Score(kept / total if total else 0.0, 1.0, flag),
        "cited_claims": Score(sum(bool(c.citations) for c in claims), len(claims)),
        **_exactness(claims),
    }


def gold_scores(claims: Sequence[Claim], evidence: Sequence[Evidence]) -> dict[str, Score]:
    """How far the citations are the gold evidence; empty for an answer without citations."""
    cited = [citation for claim in claims for citation in claim.citations]
    if not cited or not evidence:
        return {}
    right = sum(any(_same(c, e) for e in evidence) for c in cited)
    wanted: dict[str, list[Evidence]] = {}
    for place, entry in enumerate(evidence):
        key = f"e{place}" if entry.part is None else f"p{entry.part}"
        wanted.setdefault(key, []).append(entry)
    found = sum(any(_same(c, e) for c in cited for e in group) for group in wanted.values())
    return {
        "gold_citations": Score(right, len(cited)),
        "gold_evidence": Score(found, len(wanted)),
    }


def _same(citation: CitedQuote, evidence: Evidence) -> bool:
    if base_name(citation.document) != base_name(evidence.document):
        return False
    if not evidence.quote:
        return True
    shorter, longer = sorted((tokens(citation.quote), tokens(evidence.quote)), key=len)
    return bool(shorter) and sum(t in longer for t in shorter) >= SAME * len(shorter)


def _that_matter(
    claim: str, quotes: Sequence[str], supports: Callable[[str, Sequence[str]], Judgement]
) -> int:
    if len(quotes) == 1:
        return 1
    kept = 0
    for place, quote in enumerate(quotes):
        rest = [*quotes[:place], *quotes[place + 1 :]]
        if supports(claim, [quote]).supported or not supports(claim, rest).supported:
            kept += 1
    return kept


def _exactness(claims: Sequence[Claim]) -> dict[str, Score]:
    flags = [c.exact for claim in claims for c in claim.citations]
    if not flags:
        return {}
    unknown = flags.count(None)
    return {"quote_exactness": Score(flags.count(True), len(flags), unknown)}
