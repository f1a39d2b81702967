"""A chart on a slide -> the figures that it shows, as a table: a row for each category."""

from __future__ import annotations

from typing import Any

from pptx.oxml.ns import qn

from ingest.loaders.tables import Cell

CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def title_of(tree: Any) -> str:
    """The chart's title; "" without one."""
    title = tree.find(f"{CHART}chart/{CHART}title")
    return "".join(node.text or "" for node in title.iter(qn("a:t"))) if title is not None else ""


def rows_of(tree: Any) -> list[list[Cell]]:
    """The rows of figures, the names of the series above them; none if the file keeps none."""
    series = list(tree.iter(f"{CHART}ser"))
    names = [_cached(one.find(f"{CHART}tx")) for one in series]
    labels = _cached(series[0].find(f"{CHART}cat")) if series else {}
    values = [_cached(one.find(f"{CHART}val")) for one in series]
    points = sorted(set(labels).union(*values)) if series else []
    if not points or not any(values):
        return []
    head = [Cell("", head=True), *(Cell(" ".join(n.values()), head=True) for n in names)]
    return [
        head,
        *(
            [Cell(labels.get(at, str(at + 1))), *(Cell(one.get(at, "")) for one in values)]
            for at in points
        ),
    ]


def _cached(holder: Any) -> dict[int, str]:
    """The values that a chart keeps of its sheet, by their place."""
    if holder is None:
        return {}
    found: dict[int, str] = {}
    for point in holder.iter(f"{CHART}pt"):
        value = point.find(f"{CHART}v")
        if value is not None and point.get("idx", "").isdigit():
            found[int(point.get("idx"))] = value.text or ""
    return found
