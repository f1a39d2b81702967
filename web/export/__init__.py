"""A conversation -> a file with its answers and their evidence, to keep or to hand on."""

from web.export.kinds import KINDS, exported
from web.export.transcript import Transcript, transcript

__all__ = ["KINDS", "Transcript", "exported", "transcript"]
