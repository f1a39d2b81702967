"""Errors of a language-model endpoint, told as ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import openai

from rag.errors import ModelError


@contextmanager
def model_errors() -> Iterator[None]:
    """Turn what the OpenAI client and its transport raise into one clear ModelError."""
    try:
        yield
    except openai.APITimeoutError as err:
        raise ModelError(
            "the language model did not answer in time: raise generator.timeout_s or choose a "
            "smaller generator.model"
        ) from err
    except openai.APIConnectionError as err:
        raise ModelError(
            "the language model cannot be reached: check that generator.base_url is right and "
            "its server runs"
        ) from err
    except openai.APIStatusError as err:
        raise ModelError(
            f"the language model refused the request (HTTP {err.status_code}): {err.message}"
        ) from err
    except ValueError as err:  # LangChain's word for a stream that ends without a chunk
        raise ModelError(f"the language model's reply cannot be used: {err}") from err
    except (openai.OpenAIError, httpx.HTTPError) as err:
        raise ModelError(f"the language model broke off: {err}") from err
