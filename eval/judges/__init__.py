"""Judges: does the evidence support this claim? Behind one seam, measured against people's labels.

Nothing here loads a model on import; the branch that is asked for imports what it needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from eval.errors import DataError
from eval.types import Judgement
from rag.config import Settings

if TYPE_CHECKING:
    from eval.judges.model import ModelJudge

KINDS = ("plumbline", "overlap", "model", "model-whole", "encoder", "ragas")
KNOWN = "plumbline, overlap, model, model-whole, encoder:NAME, ragas"


class Judge(Protocol):
    """Something that says whether evidence supports a claim."""

    @property
    def name(self) -> str:
        """Short name for tables."""

    @property
    def fingerprint(self) -> Mapping[str, Any]:
        """Everything that decides its verdicts, as JSON values."""

    @property
    def threshold(self) -> float:
        """The score from which a claim counts as supported."""

    def judge(
        self, question: str, claims: Sequence[str], evidence: Sequence[str]
    ) -> list[Judgement]:
        """One judgement a claim, against all the evidence together; the question may be empty.

        What cannot be judged comes back unscored, with the reason; nothing is raised for it.
        """

    def close(self) -> None:
        """Let go of models and connections."""


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """For judges that ask a language model: its endpoint, or Plumbline's own when `url` is empty.

    `ragas_python` is the interpreter of an environment with ragas in it, empty for this one.
    """

    url: str = ""
    model: str = ""
    api_key: str = ""
    timeout_s: float = 120.0
    ragas_python: str = ""


def check_judge(spec: str, options: JudgeOptions) -> None:
    """Raise DataError for a judge that `open_judge` would refuse, before anything else is done: it
    opens the judge only when all answers are there."""
    kind, _, name = spec.partition(":")
    if kind not in KINDS or (kind == "encoder") != bool(name):
        raise DataError(f"unknown judge {spec!r}; known are {KNOWN}")
    if options.url and not options.model and kind in ("model", "model-whole", "ragas"):
        raise DataError(f"name the judge's model at {options.url} with --judge-model")
    if kind == "ragas":
        from eval.judges.ragas import check_python

        check_python(options.ragas_python)


def open_judge(spec: str, settings: Settings, options: JudgeOptions) -> Judge:
    """The judge that `spec` names: `plumbline`, `overlap`, `model` (claims split), `model-whole`,
    `encoder:NAME-or-folder`, `ragas`. Raises DataError as `check_judge` does."""
    check_judge(spec, options)
    kind, _, name = spec.partition(":")
    if kind == "overlap":
        from eval.judges.overlap import Overlap

        return Overlap()
    if kind == "plumbline":
        from eval.judges.verifier import open_verifier

        return open_verifier(settings)
    if kind in ("model", "model-whole"):
        return _model_judge(settings, options, split=kind == "model")
    if kind == "encoder":
        from eval.judges.encoder import Encoder

        return Encoder(name)
    from eval.judges.ragas import open_ragas

    return open_ragas(settings, options)


def _model_judge(settings: Settings, options: JudgeOptions, *, split: bool) -> ModelJudge:
    from eval.judges.model import ModelJudge, endpoint_chat

    if options.url:
        chat = endpoint_chat(options.url, options.model, options.api_key, options.timeout_s)
        return ModelJudge(chat, options.model, {"url": options.url}, split=split)
    from rag.models.generator import open_generator, served

    generator = open_generator(served(settings))
    identity = {"sha256": generator.digest}
    return ModelJudge(generator.chat, generator.name, identity, split=split, owner=generator)


def model_settings(settings: Settings, path: str) -> Settings:
    """The settings with another generator: a catalogue name or a GGUF file."""
    model = str(Path(path).expanduser()) if path.endswith(".gguf") else path
    generator = settings.generator.model_copy(update={"model": model})
    return settings.model_copy(update={"generator": generator})
