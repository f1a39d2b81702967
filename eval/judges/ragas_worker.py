"""Runs inside an environment that has ragas: reads claims as lines of JSON, writes scores.

Started by ragas.py as `python ragas_worker.py URL MODEL`; imports nothing of ours, and the key
comes in RAGAS_API_KEY. A claim that ragas fails on gets the error instead of a score.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys

MAX_TOKENS = 1024
TIMEOUT_S = 300.0


def main(url: str, model: str) -> None:
    """Greet with the version, then answer each line until the input ends."""
    out, sys.stdout = sys.stdout, sys.stderr
    try:
        import ragas
        from openai import AsyncOpenAI
        from ragas.llms import llm_factory
        from ragas.metrics.collections import Faithfulness
    except ImportError as err:
        print(json.dumps({"error": str(err)}), file=out, flush=True)
        return
    client = AsyncOpenAI(base_url=url, api_key=os.environ["RAGAS_API_KEY"], timeout=TIMEOUT_S)
    llm = llm_factory(model, client=client, temperature=0.0, max_tokens=MAX_TOKENS)
    metric = Faithfulness(llm=llm)
    print(json.dumps({"version": ragas.__version__}), file=out, flush=True)
    with asyncio.Runner() as runner:
        for line in sys.stdin:
            request = json.loads(line)
            try:
                result = runner.run(
                    metric.ascore(request["question"], request["claim"], request["evidence"])
                )
                reply: dict[str, object] = {"score": float(result.value)}
            except Exception as err:  # any failure inside ragas is this claim's result
                reply = {"error": f"{type(err).__name__}: {str(err)[:200]}"}
            print(json.dumps(reply), file=out, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
