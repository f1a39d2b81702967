"""The HTTP interface under /v1: OpenAI's, and our own. docs/api.md describes it.

Knows the engine and nothing of models, collections' insides or the page.
"""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from rag.config import Settings
from web.api_documents import DocumentRoutes
from web.api_errors import handle_errors
from web.api_files import FileRoutes
from web.api_openai import OpenAIRoutes
from web.api_questions import QuestionRoutes
from web.engine import Engine
from web.wire import Reply


def build_api(engine: Engine, settings: Settings) -> FastAPI:
    """The application to mount at /v1."""
    api = FastAPI(title="Plumbline", docs_url=None, redoc_url=None, default_response_class=Reply)
    handle_errors(api)
    router = APIRouter()
    openai = OpenAIRoutes(engine, settings)
    router.get("/models")(openai.models)
    router.get("/models/{model:path}")(openai.model)
    router.post("/chat/completions", response_model=None)(openai.chat)
    router.post("/responses", response_model=None)(openai.responses)
    router.post("/embeddings", response_model=None)(openai.embeddings)
    questions = QuestionRoutes(engine, settings)
    router.get("/health")(questions.health)
    router.post("/answers", response_model=None)(questions.answers)
    router.post("/explain", response_model=None)(questions.explain)
    router.post("/summaries", response_model=None)(questions.summaries)
    documents = DocumentRoutes(engine, settings)
    router.get("/collections", response_model=None)(documents.collections)
    router.post("/collections", response_model=None)(documents.create)
    router.get("/collections/{name}", response_model=None)(documents.collection)
    router.patch("/collections/{name}", response_model=None)(documents.rename)
    router.delete("/collections/{name}", response_model=None)(documents.discard)
    router.get("/documents", response_model=None)(documents.documents)
    router.post("/documents", response_model=None)(documents.upload)
    router.delete("/documents/{document_id}", response_model=None)(documents.remove)
    _add_files(router, FileRoutes(engine, settings, documents))
    api.include_router(router)
    return api


def _add_files(router: APIRouter, files: FileRoutes) -> None:
    router.get("/files")(files.files)
    router.post("/files")(files.upload)
    router.get("/files/{file_id}")(files.file)
    router.delete("/files/{file_id}")(files.delete)
    router.get("/files/{file_id}/content")(files.file_content)
    router.get("/vector_stores")(files.stores)
    router.post("/vector_stores")(files.create_store)
    router.get("/vector_stores/{store_id}")(files.store)
    router.post("/vector_stores/{store_id}")(files.rename_store)
    router.delete("/vector_stores/{store_id}")(files.delete_store)
    router.post("/vector_stores/{store_id}/search")(files.search)
    router.get("/vector_stores/{store_id}/files")(files.store_files)
    router.post("/vector_stores/{store_id}/files")(files.attach)
    router.post("/vector_stores/{store_id}/file_batches")(files.attach_batch)
    router.get("/vector_stores/{store_id}/file_batches/{batch}")(files.batch)
    router.get("/vector_stores/{store_id}/files/{file_id}")(files.store_file)
    router.delete("/vector_stores/{store_id}/files/{file_id}")(files.detach)
    router.get("/vector_stores/{store_id}/files/{file_id}/content")(files.content)
