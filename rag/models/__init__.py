"""Models: what is known (catalogue), what is here (installed), how it comes here (fetch), and how
it is used (embedder, generator). The last two are imported by their module, for they are heavy."""

from rag.models.catalogue import CATALOGUE, ModelSpec
from rag.models.fetch import pull
from rag.models.installed import (
    ModelRow,
    embedder_folder,
    list_models,
    model_path,
    verify,
    wanted_models,
)

__all__ = [
    "CATALOGUE",
    "ModelRow",
    "ModelSpec",
    "embedder_folder",
    "list_models",
    "model_path",
    "pull",
    "verify",
    "wanted_models",
]
