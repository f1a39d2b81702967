"""What the handlers of asking set on the page: one record for all their outputs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

Update = Any
"""A component's new value, or what `gr.update` returns."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the handlers set: past and current exchanges as HTML, the question box, and the buttons
    to ask and to stop. What is not given stays."""

    past: Update = None
    current: Update = None
    box: Update = None
    ask: Update = None
    stop: Update = None

    def values(self) -> tuple[Update, ...]:
        """In the order of the handlers' outputs."""
        given = (getattr(self, one.name) for one in fields(self))
        return tuple(gr.skip() if value is None else value for value in given)


def buttons(*, asking: bool) -> tuple[Update, Update]:
    """Ask and stop: one of them is there."""
    return gr.update(visible=not asking), gr.update(visible=asking)
