"""Texts to vectors, from any of sentence-transformers' folders.

Never asks the network: a model that is not on this machine is an error that names the pull.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from langchain_core.embeddings import Embeddings

from rag.config import EmbedderSettings, Settings
from rag.errors import ModelError
from rag.models.catalogue import CATALOGUE
from rag.models.cpu import choose_dtype, wants_bytes
from rag.models.digest import remembered_sha256
from rag.models.installed import embedder_folder, read_manifest
from rag.types import EmbedderInfo, FloatArray, Span

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

    from rag.models.bert import PlainBert

_E5_NAME = re.compile(r"(?:^|[-_/])e5(?:[-_]|$)", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_DEFAULT_MAX_TOKENS = 512


@dataclass(frozen=True, slots=True)
class Prompts:
    """What a model wants to see before a question and before a passage."""

    query: str = ""
    passage: str = ""

    @classmethod
    def choose(cls, configured: Mapping[str, str | None], *names: str) -> Prompts:
        """The model's own, if its folder states any; those of the E5 family for a model named
        so (arXiv:2402.05672), except the instruct ones, which want a task; else none."""
        query = configured.get("query") or ""
        passage = configured.get("document") or configured.get("passage") or ""
        if query or passage:
            return cls(query, passage)
        if any(_E5_NAME.search(name) and "instruct" not in name.lower() for name in names):
            return cls("query: ", "passage: ")
        return cls()


class SentenceEmbedder(Embeddings):
    """Such a model as our `Embedder` and as LangChain's `Embeddings`.

    Safe to call from several threads; batches of different callers take turns, so that a question
    waits for one batch of an ingest at most.
    """

    def __init__(
        self,
        model: SentenceTransformer | PlainBert,
        info: EmbedderInfo,
        prompts: Prompts,
        batch_size: int,
    ) -> None:
        self._model = model
        self._info = info
        self._prompts = prompts
        self._batch_size = batch_size
        self._lock = Lock()
        self._tokenizer_lock = Lock()
        self._own_tokenizer: Tokenizer | None = None

    @property
    def info(self) -> EmbedderInfo:
        """Name, weights digest and dimension d."""
        return self._info

    @property
    def max_tokens(self) -> int:
        """The longest text in tokens that is read whole, prefix and specials included."""
        return int(self._model.max_seq_length or _DEFAULT_MAX_TOKENS)

    def embed_passages(self, texts: Sequence[str]) -> FloatArray:
        """L2-normalised vectors of shape [len(texts), d] for documents' passages."""
        return self._embed(texts, self._prompts.passage)

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """L2-normalised vectors of shape [len(texts), d] for questions."""
        return self._embed(texts, self._prompts.query)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain's name for `embed_passages`."""
        vectors: list[list[float]] = self.embed_passages(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """LangChain's name for `embed_queries` of one text."""
        vector: list[float] = self.embed_queries([text])[0].tolist()
        return vector

    def token_spans(self, text: str) -> list[Span]:
        """The 0-based character spans of the tokens of `text`, without specials."""
        encoding = self._tokenizer().encode(_encodable(text), add_special_tokens=False)
        spans: list[Span] = encoding.offsets
        return spans

    def _embed(self, texts: Sequence[str], prompt: str) -> FloatArray:
        vectors = np.zeros((len(texts), self._info.dimension), dtype=np.float32)
        clean = [_encodable(text) for text in texts]
        order = self._by_length(clean)
        for start in range(0, len(order), self._batch_size):
            batch = order[start : start + self._batch_size]
            with self._lock:
                found = self._model.encode(
                    [clean[i] for i in batch],
                    prompt=prompt,
                    batch_size=self._batch_size,
                    convert_to_tensor=True,
                    show_progress_bar=False,
                )
            vectors[batch] = found.float().cpu().numpy()
        # Once more, in float32: the model's own normalisation may have been in bfloat16.
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: FloatArray = vectors / np.maximum(norms, np.finfo(np.float32).tiny)
        return unit

    def _by_length(self, texts: Sequence[str]) -> list[int]:
        """The texts' places, longest first: neighbours of like length waste least on padding, and
        a batch that is too much for the memory shows at once."""
        if len(texts) <= self._batch_size:
            return list(range(len(texts)))
        encodings = self._tokenizer().encode_batch_fast(list(texts), add_special_tokens=False)
        return sorted(range(len(texts)), key=lambda i: len(encodings[i].ids), reverse=True)

    def _tokenizer(self) -> Tokenizer:
        """A tokenizer that neither cuts nor pads, made when first needed: it takes a second."""
        with self._tokenizer_lock:
            if self._own_tokenizer is None:
                self._own_tokenizer = _plain_tokenizer(self._model, self._info.name)
            return self._own_tokenizer


def load_embedder(settings: Settings) -> SentenceEmbedder:
    """The embedder that the settings name: a catalogue name, a folder, or a hub name.

    Raises ModelError when it is not on this machine or cannot be loaded, with the mend.
    """
    wanted = settings.embedder
    folder = embedder_folder(settings, wanted.model)
    model = _load(folder, wanted)
    dimension = model.get_embedding_dimension()
    if dimension is None:
        raise ModelError(f"{folder} does not say how many dimensions its vectors have")
    name = wanted.model if wanted.model in CATALOGUE else wanted.model.rstrip("/")
    digest = weights_digest(folder, settings.home_dir / "cache" / "digests.json")
    prompts = Prompts.choose(model.prompts, name, folder.name)
    info = EmbedderInfo(name, digest, dimension)
    return SentenceEmbedder(model, info, prompts, wanted.batch_size)


def weights_digest(folder: Path, memory: Path) -> str:
    """The SHA-256 of the model's weights: of the one file, or of the list of several files'
    digests. A pulled model's was checked then; another's is read once and kept in `memory`.

    Raises ModelError when there are no weights.
    """
    manifest = read_manifest(folder)
    if manifest is not None:
        return manifest.files[manifest.weights].sha256
    files = sorted(folder.rglob("*.safetensors")) or sorted(folder.rglob("*.bin"))
    files = [file for file in files if file.relative_to(folder).parts[0] not in _OTHER_BACKENDS]
    if not files:
        raise ModelError(f"{folder} holds no weights (.safetensors or .bin)")
    digests = [remembered_sha256(file, memory) for file in files]
    if len(digests) == 1:
        return digests[0]
    lines = (
        f"{digest} {file.relative_to(folder).as_posix()}\n"
        for file, digest in zip(files, digests, strict=True)
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


_OTHER_BACKENDS = {"onnx", "openvino"}


def _load(folder: Path, wanted: EmbedderSettings) -> SentenceTransformer | PlainBert:
    import torch
    from safetensors import SafetensorError

    from rag.models.bert import PlainBert, is_plain

    cuda = torch.cuda.is_available()
    dtype = wanted.dtype
    if cuda and dtype == "auto":
        dtype = "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    try:
        if not cuda and is_plain(folder):
            if wants_bytes(dtype):
                from rag.models.byte_bert import ByteBert

                return ByteBert(folder)
            return PlainBert(folder, getattr(torch, choose_dtype(dtype)))
        from sentence_transformers import SentenceTransformer

        with _quiet():
            return SentenceTransformer(
                str(folder),
                device="cuda" if cuda else "cpu",
                local_files_only=True,
                model_kwargs={"dtype": getattr(torch, choose_dtype(dtype))},
            )
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as err:
        raise ModelError(
            f"the embedder in {folder} cannot be loaded ({type(err).__name__}: {err}); for a "
            f"pulled model run `plumb models verify {wanted.model}`"
        ) from err


@contextmanager
def _quiet() -> Iterator[None]:
    """No bars and reports while loading: they say nothing that a user could act on, and one of
    them complains of the pooling layer, which sentence embeddings do not use."""
    from transformers.utils import logging as hf_logging

    logging: Any = hf_logging  # its functions carry no types
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _plain_tokenizer(model: SentenceTransformer | PlainBert, name: str) -> Tokenizer:
    """The model's fast tokenizer if it neither cuts nor pads, else a copy that does not: the own
    one is switched between both at every call, which other threads must not meet."""
    from tokenizers import Tokenizer

    own: Any = model.tokenizer
    if isinstance(own, Tokenizer) and own.truncation is None and own.padding is None:
        return own
    backend = own if isinstance(own, Tokenizer) else getattr(own, "backend_tokenizer", None)
    if not isinstance(backend, Tokenizer):
        raise ModelError(f"the embedder {name!r} has no fast tokenizer (tokenizer.json)")
    plain = Tokenizer.from_str(backend.to_str())
    plain.no_truncation()
    plain.no_padding()
    return plain


def _encodable(text: str) -> str:
    """The text with lone surrogates, which no tokenizer takes, replaced one for one."""
    return _SURROGATE.sub("\ufffd", text)
