"""Part: one of the questions that a question is made of."""

from __future__ import annotations

from dataclasses import dataclass

END = " ?？!！.。,，;；"
"""What a question may end with."""


@dataclass(frozen=True, slots=True)
class Part:
    """A question to be asked on its own; if `leans`, only together with the answer to the part
    before."""

    text: str
    leans: bool = False
