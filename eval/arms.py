"""The arms of a run: the same questions asked in different ways, so that they can be paired.

The first arm is the base; every other one changes one thing: the system (ablations), the questions
or passages (challenges), or the noise among the passages given (RGB).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eval.challenge import challenge
from eval.systems import System
from eval.types import Example, Prediction

BASE = "base"

MakeSystem = Callable[[], System]
MakeExamples = Callable[[Mapping[str, Prediction]], Sequence[Example]]


@dataclass(frozen=True, slots=True)
class Arm:
    """`examples` is called with the base arm's predictions by question id; `open_system` when the
    arm's turn comes, so that only one system's models are in memory at a time. `what` tells what
    differs from the base."""

    name: str
    what: str
    open_system: MakeSystem
    examples: MakeExamples


def base_arm(examples: Sequence[Example], open_system: MakeSystem, what: str) -> Arm:
    """The arm that the others are compared with."""
    return Arm(BASE, what, open_system, lambda _: examples)


def challenge_arm(
    kind: str, examples: Sequence[Example], open_system: MakeSystem, seed: int
) -> Arm:
    """The base system on questions made harder."""
    return Arm(
        kind,
        f"the same questions, {kind}",
        open_system,
        lambda base: challenge(kind, examples, base, seed),
    )


def noise_arm(noise: float, examples: Sequence[Example], open_system: MakeSystem) -> Arm:
    """The base system with this share of passages that do not hold the answer."""
    what = f"{noise:.0%} of the passages given do not hold the answer"
    return Arm(f"noise {noise:.1f}", what, open_system, lambda _: examples)


def system_arm(name: str, what: str, examples: Sequence[Example], open_system: MakeSystem) -> Arm:
    """Another system on the base questions."""
    return Arm(name, what, open_system, lambda _: examples)
