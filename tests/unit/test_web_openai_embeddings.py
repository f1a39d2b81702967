"""Embeddings through OpenAI's client and LangChain's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import openai
import pytest
from fastapi.testclient import TestClient
from langchain_openai import OpenAIEmbeddings
from pydantic import SecretStr

from rag.config import Settings
from tests.fakes import FakeEmbedder
from tests.unit.test_web_openai import Talking, served, settings_in
from tests.web_fakes import FakeBackend
from web.api import build_api
from web.engine import Engine

TEXTS = ["The spare key lies with the porter.", "出差费用在十四天内报销。"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(Talking(), settings_in(tmp_path_factory.mktemp("home"))) as running:
        yield running.url


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, api_key="none", max_retries=0) as client:
        yield client


def expected(texts: list[str], kind: str = "passage") -> Any:
    embedder = FakeEmbedder(dimension=8)
    return embedder.embed_passages([f"{kind} {text}" for text in texts])


def create(client: openai.OpenAI, **more: Any) -> Any:
    return client.embeddings.create(**{"model": "plumbline", "input": TEXTS, **more})


@pytest.mark.parametrize("form", ["float", "base64", None])
def test_the_vectors_of_texts(client: openai.OpenAI, form: str | None) -> None:
    form_sent = {} if form is None else {"encoding_format": form}
    reply = create(client, **form_sent)
    vectors = [entry.embedding for entry in reply.data]
    if form == "base64":
        # Who asks for it gets it as it came.
        assert isinstance(vectors[0], str)
        return
    np.testing.assert_allclose(np.array(vectors), expected(TEXTS), rtol=1e-6)
    assert [entry.index for entry in reply.data] == [0, 1]
    assert reply.usage.prompt_tokens == reply.usage.total_tokens > 0


def test_one_text_many_texts_and_questions(client: openai.OpenAI) -> None:
    assert len(create(client, input="one").data) == 1
    many = [f"text {n}" for n in range(200)]
    vectors = [entry.embedding for entry in create(client, input=many).data]
    np.testing.assert_allclose(np.array(vectors), expected(many), rtol=1e-6)
    asked = create(client, extra_body={"input_type": "query"}).data[0].embedding
    np.testing.assert_allclose(np.array(asked), expected(TEXTS, "query")[0], rtol=1e-6)


@pytest.mark.parametrize("field", ["model", "dimensions", "encoding_format", "user", "input_type"])
def test_null_is_taken_for_every_optional_field(client: openai.OpenAI, field: str) -> None:
    body = {"input": TEXTS, "model": "plumbline", field: None}
    reply = client.post("/embeddings", body=body, cast_to=object)
    assert len(reply["data"]) == 2  # type: ignore[index]


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ({"dimensions": 99}, "dimensions"),
        ({"input": [[1, 2]]}, "input"),
        ({"input": [1, 2]}, "input"),
        ({"input": ["fine", " "]}, "input"),
        ({"input": []}, "input"),
        ({"input": None}, "input"),
        ({"input": ["a"] * 2049}, "input"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"input": "long " * 300}, None),
    ],
)
def test_what_cannot_be_embedded_is_refused(
    client: openai.OpenAI, sent: dict[str, Any], param: str | None
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        create(client, extra_body=sent)
    assert (raised.value.param or "").split("[")[0] == (param or "")


def test_an_unknown_embedder_is_no_model(client: openai.OpenAI, settings: Settings) -> None:
    assert create(client, model=settings.embedder.model).data
    with pytest.raises(openai.NotFoundError, match="text-embedding-9"):
        create(client, model="text-embedding-9")


def test_a_back_end_without_vectors_says_so(settings: Settings) -> None:
    with (
        served(FakeBackend(), settings) as running,
        openai.OpenAI(base_url=running.url, api_key="none", max_retries=0) as client,
        pytest.raises(openai.InternalServerError, match="no vectors"),
    ):
        create(client)


def test_vectors_wait_for_the_models(settings: Settings) -> None:
    backend = Talking()
    backend.gate.clear()
    engine = Engine(backend)
    engine.start()
    reply = TestClient(build_api(engine, settings)).post("/embeddings", json={"input": "a"})
    backend.gate.set()
    engine.close()
    assert reply.status_code == 503
    assert "still loading" in reply.json()["error"]["message"]


def test_the_async_client(url: str) -> None:
    async def embed() -> Any:
        async with openai.AsyncOpenAI(base_url=url, api_key="none") as client:
            reply = await client.embeddings.create(model="plumbline", input=TEXTS)
            return [entry.embedding for entry in reply.data]

    np.testing.assert_allclose(np.array(asyncio.run(embed())), expected(TEXTS), rtol=1e-6)


def test_langchains_embeddings(url: str) -> None:
    embeddings = OpenAIEmbeddings(
        openai_api_base=url,
        openai_api_key=SecretStr("none"),
        model="plumbline",
        check_embedding_ctx_length=False,
        max_retries=0,
    )
    found = embeddings.embed_documents(TEXTS)
    np.testing.assert_allclose(np.array(found), expected(TEXTS), rtol=1e-6)
