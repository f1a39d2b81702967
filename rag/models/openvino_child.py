"""Turn a GGUF file into OpenVINO's own form, in a process of its own: `python openvino_child.py
WEIGHTS FOLDER`.

The conversion needs more than twice the memory that the model needs afterwards; it goes back to the
system with the process.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rag.models.openvino_exact import restore_in
from rag.privacy import forbid_telemetry

UNKNOWN_KIND = 3


def convert(weights: Path, folder: Path) -> None:
    """Write model and tokenizer into `folder`, which must exist. Raises RuntimeError for a kind of
    model or of quantisation that OpenVINO does not know."""
    forbid_telemetry()
    import openvino_genai

    # The converted files are put beside the file that is read.
    link = folder / "model.gguf"
    link.unlink(missing_ok=True)
    link.symlink_to(weights.resolve())
    pipeline = openvino_genai.LLMPipeline(
        str(link), "CPU", enable_save_ov_model=True, INFERENCE_PRECISION_HINT="f32"
    )
    del pipeline  # it reads from the files that it has saved
    link.unlink()


def main(arguments: list[str]) -> int:
    """The exit code: 0, or UNKNOWN_KIND with a sentence of OpenVINO's on standard error. Any other
    failure ends in a traceback, whose last line the parent passes on."""
    weights, folder = map(Path, arguments)
    try:
        convert(weights, folder)
    except RuntimeError as err:
        print(" ".join(str(err).split()), file=sys.stderr)
        return UNKNOWN_KIND
    restore_in(folder, weights)
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # everything is written; taking the model apart would cost seconds
