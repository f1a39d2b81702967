"""A picture -> the lines of text on it, by RapidOCR with the models in its wheel.

Reads Chinese, English and what else is written in Latin letters. The models are loaded at the
first picture and kept: that takes a second and some 300 MB.
"""

from __future__ import annotations

import logging
import math
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageStat

from ingest.loaders import clock

_SURE = 0.5
"""Confidence from which a line is text at all."""
_UPRIGHT = 0.75
"""Confidence below which a page may stand on its head."""
_FEW = 20
"""Characters below which it may as well: most of what is upside down reads as nothing."""
_TALL = 1.5
_SMALLEST = 12
_PLAIN = 0.5
"""Pixels of a picture's shorter side, and spread of its values, below which no text is on it."""
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Sign:
    """A character or a blank: its left and right edge in pixels."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A line on the picture: its signs, its confidence in [0, 1], its place in pixels (y grows
    downwards; `top` and `bottom` at its left end) and its `slope`, pixels down for one across."""

    signs: tuple[Sign, ...]
    confidence: float
    left: float
    right: float
    top: float
    bottom: float
    slope: float

    @property
    def text(self) -> str:
        """The line as it reads."""
        return "".join(sign.text for sign in self.signs)


@dataclass(frozen=True, slots=True)
class Recognition:
    """The lines on a picture, and how it was turned for them to be upright: in quarters of a turn,
    against the clock."""

    lines: tuple[OcrLine, ...]
    quarters: int = 0

    @property
    def confidence(self) -> float:
        """The mean confidence of the characters; 0 if there are none."""
        count = sum(len(line.signs) for line in self.lines)
        return sum(line.confidence * len(line.signs) for line in self.lines) / max(count, 1)


def recognise(image: Image.Image) -> Recognition:
    """The lines of text on `image` (RGB), from top to bottom; none if there is no text. A page that
    lies on its side or its head is turned."""
    if min(image.size) < _SMALLEST or max(ImageStat.Stat(image).stddev) < _PLAIN:
        return Recognition(())
    upright, lies = _read(image, 0)
    if not lies:
        return upright
    turned = [_read(image, quarters)[0] for quarters in ((1, 3) if lies == "side" else (2,))]
    return max([*turned, upright], key=_weight)


def _weight(found: Recognition) -> float:
    return sum(line.confidence**2 * len(line.signs) for line in found.lines)


def _read(image: Image.Image, quarters: int) -> tuple[Recognition, str]:
    """What stands on the picture so turned, and how it seems to lie: on its "side", its "head", or
    upright ("")."""
    turned = np.rot90(np.asarray(image), quarters)
    pixels = np.ascontiguousarray(turned[:, :, ::-1])
    with _LOCK:  # one picture at a time: each uses all the processor's cores
        # Without the classifier of turned lines, which turns some that stand upright.
        found = _engine()(pixels, use_cls=False, return_word_box=True, text_score=0.0)
    clock.again()
    if found.boxes is None or found.txts is None:
        return Recognition((), quarters), ""
    boxes = [np.asarray(box) for box in found.boxes]
    lies = "side" if sum(map(_is_tall, boxes)) > len(boxes) / 2 else ""
    lengths = [len(text) for text in found.txts]
    if not lies and (sum(lengths) < _FEW or np.average(found.scores, weights=lengths) < _UPRIGHT):
        lies = "head"
    lines = (
        _line(box, text, float(score), words)
        for box, text, score, words in zip(
            boxes, found.txts, found.scores, found.word_results, strict=True
        )
        if score >= _SURE and not (_is_tall(box) and len(text) > 1)
    )
    return Recognition(tuple(filter(None, lines)), quarters), lies


def _is_tall(box: Any) -> bool:
    """Whether a line's box is far higher than wide."""
    return float(np.ptp(box[:, 1])) > _TALL * float(np.ptp(box[:, 0]))


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    return RapidOCR(params={"Global.log_level": "critical"})


def _line(box: Any, text: str, score: float, words: Any) -> OcrLine | None:
    """The line in the four corners of `box`, clockwise from its upper left."""
    signs = tuple(_signs(text.strip(), words, float(box[0][0]), float(box[1][0])))
    if not any(sign.text.strip() for sign in signs):
        return None
    across = float(box[1][0] - box[0][0])
    down = float(box[1][1] - box[0][1] + box[2][1] - box[3][1]) / 2
    if abs(across) < 1.0:
        return None
    height = math.hypot(*(box[3] - box[0]))
    left, right = float(box[:, 0].min()), float(box[:, 0].max())
    top = float(box[0][1])
    return OcrLine(signs, score, left, right, top, top + height, down / across)


def _signs(text: str, words: Any, left: float, right: float) -> list[Sign]:
    """The characters of a line, each in its share of the box of its word."""
    inked = [char for char in text if not char.isspace()]
    places: list[tuple[float, float]] = []
    for word, _, corners in words:
        edges = [float(corner[0]) for corner in corners]
        start, width = min(edges), (max(edges) - min(edges)) / max(len(word), 1)
        places += [(start + n * width, start + (n + 1) * width) for n in range(len(word))]
    if len(places) != len(inked):  # the boxes of the words do not fit: share the whole line
        width = (right - left) / max(len(inked), 1)
        places = [(left + n * width, left + (n + 1) * width) for n in range(len(inked))]
    signs: list[Sign] = []
    place = iter(places)
    for char in text:
        if char.isspace():
            end = signs[-1].right if signs else left
            signs.append(Sign(" ", end, end))
        else:
            signs.append(Sign(char, *next(place)))
    return signs
