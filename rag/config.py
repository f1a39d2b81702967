"""Settings: `plumb.toml` and `PLUMB_*` variables, validated once, unknown keys refused.

Knows nothing of models or collections. Only entry points call `load_settings`; everything else is
handed the frozen `Settings`. Order: built-in defaults, then the file, then the environment.
The file is `PLUMB_CONFIG` if set, else `plumb.toml` in the working folder, else in the home folder.
A variable names its key in capitals, sections joined by two underscores: `PLUMB_GENERATOR__MODEL`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import pydantic_settings as ps
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from rag.errors import ConfigError

NAME = "plumb.toml"
PREFIX = "PLUMB_"
NOT_SETTINGS = {"PLUMB_CONFIG"}
"""Variables with our prefix that are read elsewhere and are not settings."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _listed(value: Any) -> Any:
    """A variable separates by commas."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


class EmbedderSettings(_Section):
    """`model`: a catalogue name, a sentence-transformers folder, or a hub name."""

    model: str = "multilingual-e5-small"
    dtype: Literal["auto", "float32", "bfloat16", "int8"] = "auto"
    batch_size: int = Field(16, ge=1, le=1024)


class GeneratorSettings(_Section):
    """`model`: a catalogue name or a GGUF file for the embedded server; with `base_url` set, the
    model's name at that OpenAI-compatible endpoint. `runtime`: what runs an embedded model; "auto"
    takes OpenVINO where processor and model suit it, llama.cpp elsewhere. `adapter`: a LoRA in GGUF
    form for an embedded model, `adapter_scale` how much of it is added. `repack`: whether
    llama.cpp lays the weights out anew for the processor; "auto" does what was measured to be
    faster on its kind. `more_urls`: further servers of the same model as `base_url`'s; one of
    several that sends nothing for `patience_s` is passed over for another."""

    model: str = "qwen2.5-coder-1.5b-instruct"
    base_url: str | None = None
    more_urls: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    patience_s: float = Field(20.0, gt=0)
    api_key: SecretStr | None = None
    context_tokens: int = Field(4096, ge=512, le=1_000_000)
    max_tokens: int = Field(320, ge=16, le=8192)
    temperature: float = Field(0.0, ge=0.0, le=2.0)
    threads: int | None = Field(None, ge=1)
    runtime: Literal["auto", "openvino", "llama.cpp"] = "auto"
    adapter: Path | None = None
    adapter_scale: float = Field(1.0, gt=0.0, le=10.0)
    repack: Literal["auto", "yes", "no"] = "auto"
    timeout_s: float = Field(120.0, gt=0)

    @model_validator(mode="after")
    def _together(self) -> GeneratorSettings:
        if self.more_urls and self.base_url is None:
            raise ValueError("more_urls goes with base_url: set that first")
        return self


class ChunkingSettings(_Section):
    """Sizes in tokens of the embedder."""

    max_tokens: int = Field(256, ge=32, le=8192)
    overlap_tokens: int = Field(32, ge=0, le=1024)


class StoreSettings(_Section):
    """Where collections, users and conversations are kept: in the home, or with both `postgres` and
    `milvus` set in that PostgreSQL database (postgresql://user@host/database) and that Milvus
    (http://host:19530). `shards`, `replicas` and `partitions` are those of Milvus collections made
    from now on, `consistency` what a search there waits for. A request to either may take
    `timeout_s`."""

    postgres: str | None = Field(None, pattern=r"^postgres(ql)?://")
    postgres_password: SecretStr | None = None
    milvus: str | None = Field(None, pattern=r"^https?://[^\s/]+")
    milvus_token: SecretStr | None = None
    milvus_database: str = "default"
    shards: int = Field(1, ge=1, le=64)
    replicas: int = Field(1, ge=1, le=64)
    partitions: int = Field(16, ge=1, le=1024)
    consistency: Literal["Strong", "Bounded", "Session", "Eventually"] = "Strong"
    timeout_s: float = Field(10.0, ge=0.1, le=600)

    @property
    def is_remote(self) -> bool:
        """Whether collections are kept in PostgreSQL and Milvus."""
        return self.postgres is not None

    @model_validator(mode="after")
    def _whole(self) -> StoreSettings:
        if (self.postgres is None) != (self.milvus is None):
            raise ValueError("postgres and milvus go together: set both, or neither")
        return self


class IngestSettings(_Section):
    """Limits in MiB: `max_file_mb` for any file, `max_text_mb` for text formats and for the text
    that a document yields. A larger one is refused with a sentence that says so. A file is read in
    a process of its own, which may take `max_seconds` (anew for each page read by OCR) and
    `max_memory_mb` MiB of memory. `ocr`: whether
    text is recognised on pictures, and on pages of PDFs that have none to go by. Of a watched
    folder, in seconds: a file is read once it has been still for `settle_s`, a document removed
    once its file has been gone for `grace_s`, and everything looked at every `rescan_s`."""

    max_file_mb: int = Field(512, ge=1, le=4096)
    max_text_mb: int = Field(64, ge=1, le=1024)
    max_seconds: float = Field(600.0, gt=0, le=86400)
    max_memory_mb: int = Field(2048, ge=256, le=1_000_000)
    ocr: bool = True
    settle_s: float = Field(2.0, ge=0, le=3600)
    grace_s: float = Field(60.0, ge=0, le=30 * 86400)
    rescan_s: float = Field(60.0, gt=0, le=86400)


class RetrievalSettings(_Section):
    """`k` hits are returned out of `candidates` taken from each searcher; the first `read` of them
    are read by the cross-encoder (0: none). `reranker`: another cross-encoder for that, by folder
    or hub name."""

    k: int = Field(5, ge=1, le=100)
    candidates: int = Field(50, ge=1, le=1000)
    read: int = Field(10, ge=0, le=200)
    reranker: str | None = None


class AnsweringSettings(_Section):
    """`mode`: strict drops unsupported sentences and says so; open keeps them, marked.
    `budget_tokens` bounds the passages put into the prompt; of a passage that answers the question
    worse than the best one by more than `max_gap`, in logits of the cross-encoder, nothing is put
    there. `min_confidence`: an answer whose
    confidence, in [0, 1], is below it becomes an abstention."""

    mode: Literal["strict", "open"] = "strict"
    budget_tokens: int = Field(300, ge=64, le=100_000)
    max_gap: float = Field(3.0, ge=0.0)
    max_question_chars: int = Field(4000, ge=16)
    min_confidence: float = Field(0.4, ge=0.0, le=1.0)
    ask_again: bool = True


class CheckingSettings(_Section):
    """`verify` off switches off all that follows: every sentence stays as the model wrote it.
    `scorer` scores support: "plumbline", "hhem", "minicheck", "lettucedetect", or a cross-encoder's
    folder or hub name. `numbers` and `negation` are the typed comparisons of a sentence
    with its passages; `conflicts`: tell what another document says otherwise; `ask_model`: whether
    the language model is asked, in one word, if the passage cited holds the answer ("auto": unless
    it is known to be too small for that)."""

    verify: bool = True
    scorer: str = Field("plumbline", min_length=1)
    numbers: bool = True
    negation: bool = True
    conflicts: bool = True
    ask_model: Literal["auto", "yes", "no"] = "auto"


class ServerSettings(_Section):
    """Loopback by default; another address needs a user or a key. An upload may have
    `max_upload_mb` megabytes. `waiting` questions may wait, `waiting_each` of one user or key;
    `answers_at_once` are worked on side by side (None: as suits what runs the language model). A
    request has to come within `patience_s`, and more the larger it is.
    `keep_conversations` off keeps none of the page's on the disk."""

    host: str = "127.0.0.1"
    port: int = Field(7860, ge=0, le=65535)
    api_key: SecretStr | None = None
    max_upload_mb: int = Field(100, ge=1, le=10_000)
    keep_conversations: bool = True
    waiting: int = Field(32, ge=1, le=10_000)
    waiting_each: int = Field(8, ge=1, le=10_000)
    answers_at_once: int | None = Field(None, ge=1, le=64)
    patience_s: float = Field(30.0, gt=0, le=3600)


class AccessSettings(_Section):
    """How long a session of the page lasts, and how often a user, a key or an address may send a
    request or try to sign in."""

    session_hours: float = Field(168.0, gt=0, le=8760)
    requests_per_minute: int = Field(600, ge=1, le=1_000_000)
    sign_ins_per_minute: int = Field(10, ge=1, le=10_000)


class OidcSettings(_Section):
    """Sign-in at an OpenID Connect provider, where there is an `issuer`. `name_claim` names the
    user here; `groups_claim` lists their groups there, which `groups` turns into groups here; where
    it is empty they keep their names."""

    issuer: str | None = None
    client_id: str = ""
    client_secret: SecretStr | None = None
    scopes: str = "openid profile email"
    name_claim: str = "preferred_username"
    groups_claim: str = "groups"
    groups: dict[str, str] = {}

    @model_validator(mode="after")
    def _whole(self) -> OidcSettings:
        if self.issuer is None:
            return self
        address = urlsplit(self.issuer)
        local = address.hostname in ("localhost", "127.0.0.1", "::1")
        if address.scheme != "https" and not (address.scheme == "http" and local):
            raise ValueError(f"issuer {self.issuer!r} is no address that begins with https://")
        if not self.client_id:
            raise ValueError("with an issuer, client_id has to be the name it knows Plumbline by")
        if "openid" not in self.scopes.split():
            raise ValueError("scopes has to hold openid")
        return self


class AuditSettings(_Section):
    """Entries are kept for `keep_days` (0: for ever), with the questions if `content`."""

    keep_days: int = Field(365, ge=0, le=36_500)
    content: bool = False


class RetentionSettings(_Section):
    """How many days conversations are kept after their last use, and opinions of answers after they
    were given (0: for ever)."""

    conversations_days: int = Field(0, ge=0, le=36_500)
    feedback_days: int = Field(0, ge=0, le=36_500)


class LogSettings(_Section):
    """The app's log on stderr. `events`: a line for every request and every answer. `content`:
    whether questions, paths and the messages of errors are in it; lines of text have messages in
    any case."""

    format: Literal["text", "json"] = "text"
    events: bool = False
    content: bool = False


class TraceSettings(_Section):
    """Where traces of answers go: `endpoint`, an OpenTelemetry collector's address for traces over
    HTTP. `content`: whether questions, answers and the names of documents are in them."""

    endpoint: str | None = Field(None, pattern=r"^https?://[^\s/]+")
    content: bool = False


def _paths(value: Any) -> Any:
    """A variable names files as PATH does."""
    return value.split(os.pathsep) if isinstance(value, str) else value


class ContentSettings(_Section):
    """`lists`: files of words and patterns (`rag.content`) that neither a question nor an answer
    may hold. `classifier`: a text classifier, by folder or hub name, that withholds what it gives
    one of `labels` with a probability of `threshold` or more. `mask_personal`: whether personal
    data is masked in answers."""

    lists: Annotated[tuple[Path, ...], BeforeValidator(_paths)] = ()
    classifier: str | None = Field(None, min_length=1)
    labels: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    threshold: float = Field(0.5, gt=0.0, le=1.0)
    mask_personal: bool = False

    @model_validator(mode="after")
    def _whole(self) -> ContentSettings:
        if self.classifier is not None and not self.labels:
            raise ValueError("with a classifier, labels has to say which of its labels withhold")
        return self


class HubSettings(_Section):
    """Model hub: tried first when pulling if `enabled`; `timeout_s` is all that it may cost."""

    enabled: bool = True
    timeout_s: float = Field(5.0, gt=0, le=60)


class Settings(ps.BaseSettings):
    """All settings. `home` holds collections, models and caches. Made directly it has what it is
    given; only `load_settings` reads the file and the environment."""

    model_config = ps.SettingsConfigDict(frozen=True, case_sensitive=True, enable_decoding=False)

    home: Path = Path("~/.plumbline")
    collection: str = Field("default", pattern=r"^[\w][\w.-]{0,63}$")
    embedder: EmbedderSettings = EmbedderSettings()
    generator: GeneratorSettings = GeneratorSettings()
    store: StoreSettings = StoreSettings()
    chunking: ChunkingSettings = ChunkingSettings()
    ingest: IngestSettings = IngestSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    answering: AnsweringSettings = AnsweringSettings()
    checking: CheckingSettings = CheckingSettings()
    server: ServerSettings = ServerSettings()
    access: AccessSettings = AccessSettings()
    oidc: OidcSettings = OidcSettings()
    audit: AuditSettings = AuditSettings()
    retention: RetentionSettings = RetentionSettings()
    content: ContentSettings = ContentSettings()
    logs: LogSettings = LogSettings()
    traces: TraceSettings = TraceSettings()
    hub: HubSettings = HubSettings()

    @property
    def home_dir(self) -> Path:
        """`home` with `~` resolved."""
        return self.home.expanduser()

    @property
    def collections_dir(self) -> Path:
        """The folder that holds one folder per collection."""
        return self.home_dir / "collections"

    @property
    def models_dir(self) -> Path:
        """The folder that holds the downloaded models."""
        return self.home_dir / "models"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[ps.BaseSettings],
        init_settings: ps.PydanticBaseSettingsSource,
        *_: Any,
        **__: Any,
    ) -> tuple[ps.PydanticBaseSettingsSource, ...]:
        """The arguments alone."""
        return (init_settings,)


def load_settings(
    environ: Mapping[str, str] | None = None, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Read the settings file and the environment; `overrides` (nested like the file) win.

    Raises ConfigError naming the key and what is wrong with it.
    """
    env = os.environ if environ is None else environ
    # pydantic-settings refuses unknown variables only in its reader of files of variables.
    variables = ps.DotEnvSettingsSource(
        Settings, env_prefix="plumb_", env_nested_delimiter="__", dotenv_filtering="match_prefix"
    )
    variables.env_vars = {
        name.lower(): value
        for name, value in env.items()
        if name.startswith(PREFIX) and name not in NOT_SETTINGS
    }
    given = ps.InitSettingsSource(Settings, dict(overrides or {}))
    try:
        return Settings(_build_sources=((given, variables, _file(env)), {}))
    except ValidationError as err:
        raise ConfigError(_explain(err)) from None


def _file(env: Mapping[str, str]) -> ps.TomlConfigSettingsSource:
    named = env.get("PLUMB_CONFIG")
    home = env.get("PLUMB_HOME", "~/.plumbline")
    places = [Path(named)] if named else [Path.cwd() / NAME, Path(home, NAME)]
    path = next((place for place in map(Path.expanduser, places) if place.is_file()), None)
    if named and path is None:
        raise ConfigError(f"PLUMB_CONFIG names {places[0].expanduser()}, which is not a file")
    try:
        return ps.TomlConfigSettingsSource(Settings, path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise ConfigError(f"{path} cannot be read as TOML: {err}") from None


def _explain(err: ValidationError) -> str:
    lines = []
    for problem in err.errors():
        key = ".".join(str(part) for part in problem["loc"]).replace("__", ".")
        if problem["type"] == "extra_forbidden":
            lines.append(f"unknown setting {key!r}: docs/settings*.md list the known ones")
        else:
            lines.append(f"setting {key!r} = {problem['input']!r}: {problem['msg']}")
    return "; ".join(lines)
