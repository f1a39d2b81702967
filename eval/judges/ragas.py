"""The faithfulness metric of ragas as a judge, for comparison on the same labels and model.

ragas needs other versions of LangChain than Plumbline, so it lives in an environment of its own:

    python -m venv ragas-env
    ragas-env/bin/pip install "ragas==0.4.3" "langchain-community<0.4"

and runs there as a child process (ragas_worker.py); claims and scores pass as lines of JSON. Its
usage tracking is switched off.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from eval.errors import MissingExtra
from eval.judges import JudgeOptions
from eval.judges.model import Closable
from eval.types import Judgement
from rag.config import Settings

THRESHOLD = 0.5
WORKER = Path(__file__).with_name("ragas_worker.py")
MEND = (
    "make an environment for it (python -m venv ragas-env; ragas-env/bin/pip install "
    "'ragas==0.4.3' 'langchain-community<0.4') and name it with "
    "--ragas-python ragas-env/bin/python"
)


class Ragas:
    """A child process with ragas in it, asked one claim at a time."""

    name = "ragas faithfulness"
    threshold = THRESHOLD

    def __init__(
        self, python: str, url: str, model: str, api_key: str, owner: Closable | None = None
    ) -> None:
        """Start the process. Raises MissingExtra if ragas cannot be imported there."""
        self._model, self._owner = model, owner
        environment = {
            **os.environ,
            "RAGAS_DO_NOT_TRACK": "true",
            "RAGAS_API_KEY": api_key or "none",
        }
        try:
            self._process = subprocess.Popen(
                # -I, or the worker would find this module when it imports ragas.
                [python, "-I", str(WORKER), url, model],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                env=environment,
            )
        except OSError as err:
            raise MissingExtra(f"--ragas-python {python} does not run: {err.strerror}") from None
        greeting = self._read()
        if greeting is None or "version" not in greeting:
            self.close()
            why = (greeting or {}).get("error", "the process ended at once")
            raise MissingExtra(f"ragas cannot be used from {python} ({why}): {MEND}")
        self._version = str(greeting["version"])

    @property
    def fingerprint(self) -> Mapping[str, Any]:
        """ragas' version and the model."""
        return {
            "judge": "ragas",
            "version": self._version,
            "model": self._model,
            "deterministic": "only as far as the model's server is",
        }

    def judge(
        self, question: str, claims: Sequence[str], evidence: Sequence[str]
    ) -> list[Judgement]:
        """The share of ragas' statements that it finds supported; no statements is unscored."""
        return [self._one(question, claim, evidence) for claim in claims]

    def close(self) -> None:
        """End the child process and the model's server, if it was started here."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.terminate()
        self._process.wait(timeout=30)
        if self._owner is not None:
            self._owner.close()

    def _one(self, question: str, claim: str, evidence: Sequence[str]) -> Judgement:
        if not evidence:
            return Judgement.unscored("there is no evidence to hold it against")
        request = {"question": question or claim, "claim": claim, "evidence": list(evidence)}
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return Judgement.unscored("the ragas process has ended")
        reply = self._read()
        if reply is None:
            return Judgement.unscored("the ragas process has ended")
        score = reply.get("score")
        if not isinstance(score, int | float) or math.isnan(score):
            return Judgement.unscored(str(reply.get("error", "ragas gave no score")))
        return Judgement.at(float(score), THRESHOLD)

    def _read(self) -> Mapping[str, Any] | None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            value = json.loads(line) if line.strip() else None
        except json.JSONDecodeError:
            return {"error": f"not JSON: {line.strip()[:60]}"}
        return value if isinstance(value, dict) else None


def check_python(path: str) -> None:
    """Raise MissingExtra where no ragas can be: `path` runs nothing, or, being empty, this
    interpreter has none."""
    if not path and find_spec("ragas") is None:
        raise MissingExtra(f"ragas is not installed here: {MEND}")
    if path and shutil.which(path) is None:
        raise MissingExtra(f"--ragas-python {path} is no program: {MEND}")


def open_ragas(settings: Settings, options: JudgeOptions) -> Ragas:
    """ragas with the model at `options.url`, or with Plumbline's own generator."""
    python = options.ragas_python or sys.executable
    if options.url:
        return Ragas(python, options.url, options.model, options.api_key)
    from rag.models.generator import open_generator, served

    generator = open_generator(served(settings))
    base = str(getattr(generator.chat, "openai_api_base", "") or "")
    # The embedded server answers nobody without the key that it made for itself.
    key = getattr(generator.chat, "openai_api_key", None)
    secret = key.get_secret_value() if isinstance(key, SecretStr) else ""
    return Ragas(python, base, generator.name, secret, owner=generator)
