"""Errors of a language-model endpoint, told as ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module

import openai

from rag.errors import ModelError


@cache
def transport_errors() -> tuple[type[Exception], ...]:
    """The client's other errors, and the base error of the HTTP library under it, which a stream
    that breaks off midway raises bare. Which library that is has changed between releases, so the
    client is asked."""
    client = openai.DefaultHttpxClient.__mro__[1]
    transport = import_module(client.__module__.partition(".")[0])
    return (openai.OpenAIError, transport.HTTPError)


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
    except transport_errors() as err:
        raise ModelError(f"the language model broke off: {err}") from err
