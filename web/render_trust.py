"""What may be relied on, as HTML. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rag.store import Finding
from web.escape import esc
from web.render_documents import cell, size
from web.texts import counted
from web.texts_trust import TrustTexts
from web.trust import ModelUsed

SIDE = 190
"""Width and height of a reliability diagram's square, in pixels."""


def trust(
    collection: str, models: Sequence[ModelUsed], measured: Mapping[str, Any] | None, t: TrustTexts
) -> str:
    """Health, models and the verifier, one after another."""
    title = esc(t.health.format(name=collection))
    health = (
        f'<section><h3 class="pl-receipt-title">{title}</h3><p class="pl-help">'
        f'{esc(t.health_help)} <button type="button" class="pl-quiet" '
        f'data-check="{esc(collection)}" data-busy="{esc(t.checking)}">{esc(t.check)}</button></p>'
        '<div class="pl-health" aria-live="polite"></div></section>'
        if collection
        else ""
    )
    return health + _models(models, t) + _verifier(measured, t)


def findings(collection: str, found: Sequence[Finding], t: TrustTexts) -> str:
    """What is wrong with a collection, and the command that mends it."""
    if not found:
        return f'<p class="pl-notice">{esc(t.well)}</p>'
    items = "".join(f"<li>{esc(one.text)}</li>" for one in found)
    command = f"plumb collections check {collection} --repair"
    return (
        f'<div class="pl-problem"><p>{esc(counted(t.wrong, len(found)))}</p><ul>{items}</ul>'
        f"<p>{esc(t.mend)} <code>{esc(command)}</code></p></div>"
    )


def _models(models: Sequence[ModelUsed], t: TrustTexts) -> str:
    columns = (t.role, t.model, t.licence, t.size, t.digest)
    head = "".join(f'<th scope="col">{esc(word)}</th>' for word in columns)
    rows = "".join(_model(one, t) for one in models)
    return (
        f'<section><h3 class="pl-receipt-title">{esc(t.models)}</h3>'
        f'<p class="pl-help">{esc(t.models_help)}</p><table class="pl-table pl-models"><thead><tr>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _model(one: ModelUsed, t: TrustTexts) -> str:
    note = {"here": "", "absent": t.absent, "elsewhere": t.elsewhere}[one.place]
    note = f'<span class="pl-small">{esc(note)}</span>' if note else ""
    digest = f'<code class="pl-digest">{esc(one.sha256)}</code>' if one.sha256 else "–"
    return (
        f'<tr><th scope="row">{esc(t.roles[one.role])}</th>'
        f"{cell(t.model, f'{esc(one.name)}{note}')}{cell(t.licence, esc(one.licence) or '–')}"
        f"{cell(t.size, size(one.bytes) if one.bytes else '–')}{cell(t.digest, digest)}</tr>"
    )


def _verifier(measured: Mapping[str, Any] | None, t: TrustTexts) -> str:
    title = f'<h3 class="pl-receipt-title">{esc(t.verifier)}</h3>'
    if measured is None:
        return f'<section>{title}<p class="pl-none">{esc(t.unmeasured)}</p></section>'
    sets: Sequence[Mapping[str, Any]] = measured["sets"]
    columns = (t.set, t.language, t.claims, t.auroc, t.accuracy, t.ece)
    head = "".join(f'<th scope="col">{esc(word)}</th>' for word in columns)
    rows = "".join(_set(one, t) for one in sets)
    diagrams = "".join(_diagram(one, t) for one in sets)
    told = t.measured.format(
        scorer=sets[0]["scorer"],
        date=measured["date"],
        machine=measured["machine"]["processor"],
        commit=measured["commit"][:7],
    )
    return (
        f'<section>{title}<p class="pl-help">{esc(t.verifier_help)}</p>'
        f'<table class="pl-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        f'<div class="pl-diagrams">{diagrams}</div><p class="pl-small">{esc(told)}</p></section>'
    )


def _set(one: Mapping[str, Any], t: TrustTexts) -> str:
    return (
        f'<tr><th scope="row">{esc(one["set"])}</th>'
        f"{cell(t.language, esc(t.languages[one['language']]))}{cell(t.claims, str(one['n']))}"
        f"{cell(t.auroc, _figure(one['auroc']))}"
        f"{cell(t.accuracy, _figure(one['balanced_accuracy'], 100, ' %'))}"
        f"{cell(t.ece, _figure(one['ece']))}</tr>"
    )


def _figure(figure: Sequence[float], scale: int = 1, unit: str = "") -> str:
    digits = 1 if unit else 3
    value, low, high = (f"{scale * number:.{digits}f}" for number in figure)
    return f'{value}{unit}<span class="pl-small">{low}–{high}</span>'


def _diagram(one: Mapping[str, Any], t: TrustTexts) -> str:
    """Share of supported sentences by score: dots, the larger the more sentences."""
    bins: Sequence[tuple[float, float, int]] = one["reliability"]
    most = max(count for _, _, count in bins)
    dots = "".join(
        f'<circle cx="{score * SIDE:.1f}" cy="{(1 - share) * SIDE:.1f}" '
        f'r="{3 + 7 * (count / most) ** 0.5:.1f}"><title>{score:.2f} → {share:.2f} ({count})'
        "</title></circle>"
        for score, share, count in bins
    )
    line = " ".join(f"{score * SIDE:.1f},{(1 - share) * SIDE:.1f}" for score, share, _ in bins)
    points = "; ".join(f"{score:.2f} → {share:.2f}" for score, share, _ in bins)
    language = t.languages[one["language"]]
    label = esc(t.diagram.format(language=language, points=points))
    return (
        f'<figure class="pl-diagram"><svg viewBox="-30 -12 {SIDE + 44} {SIDE + 46}" role="img" '
        f'aria-label="{label}"><rect width="{SIDE}" height="{SIDE}"/>'
        f'<line x1="0" y1="{SIDE}" x2="{SIDE}" y2="0"/><polyline points="{line}"/>{dots}'
        f'<text x="0" y="{SIDE + 14}">0</text><text x="{SIDE}" y="{SIDE + 14}">1</text>'
        f'<text x="-10" y="{SIDE}">0</text><text x="-10" y="6">1</text>'
        f'<text x="{SIDE / 2}" y="{SIDE + 28}">{esc(t.score)} → {esc(t.share)}</text></svg>'
        f"<figcaption>{esc(one['set'])} ({esc(language)})</figcaption></figure>"
    )


def explanation(report: Mapping[str, Any], t: TrustTexts) -> str:
    """Where a text that should have been found was lost, from the JSON of an explanation."""
    stood = ", ".join(f"{one['document']} p. {one['page']}" for one in report["places"][:5])
    items = "".join(f"<li>{_fate(one, t)}</li>" for one in report["chunks"][:5])
    verdict = esc(str(report["verdict"]))
    return (
        f'<h3 class="pl-try">{esc(t.why_title)}</h3><p><strong>{verdict}</strong></p>'
        f'<p class="pl-help">{esc(t.stood)}: {esc(stood or t.nowhere)}</p>'
        f'<p class="pl-help">{esc(t.chunks)}:</p><ul class="pl-tries">'
        f"{items or f'<li>{esc(t.nowhere)}</li>'}</ul>"
    )


def _fate(one: Mapping[str, Any], t: TrustTexts) -> str:
    ranks = ", ".join(f"{name} {rank}" for name, rank in one["ranks"].items())
    parts = (
        f"{one['document']} p. {one['page']}",
        t.ranks.format(ranks=ranks) if ranks else t.never,
        t.hit.format(place=one["hit"]) if one["hit"] else t.no_hit,
        t.prompt if one["in_prompt"] else t.no_prompt,
    )
    return esc("; ".join(parts))
