"""Every error that a user may see, in one tree. A leaf module: imports nothing of ours.

    PlumbError                 exit code 1
    ├── UsageError             what was asked for can never work as asked (exit code 2)
    │   ├── ConfigError        a setting is wrong
    │   └── QuestionError      the question is empty or too long
    ├── DocumentError          this document cannot be read; the others go on
    │   └── NothingToRead      nothing of ours, or a picture without text: passed over
    ├── CollectionError        the collection is missing, empty, or made with another embedder
    │   ├── CollectionBusy     another process is writing; worth trying again
    │   └── StoreUnavailable   PostgreSQL or Milvus does not answer: worth trying again
    ├── ClusterError           the Ray cluster does not answer, or a node of it is not fit
    └── ModelError             a model is unknown, broken, or does not answer
        ├── DigestMismatch     the bytes are not the catalogue's
        └── FetchError         no network, no room: worth trying again

A message gives the offending value and the mend.
"""

from __future__ import annotations


class PlumbError(Exception):
    """Base of all errors with a message fit for the user."""


class UsageError(PlumbError):
    """The request can never work as made."""


class ConfigError(UsageError):
    """A setting is unknown or out of range."""


class DocumentError(PlumbError):
    """A document cannot be read."""


class NothingToRead(DocumentError):
    """A file of another kind, or a picture without text: no fault of it, it is passed over."""


class CollectionError(PlumbError):
    """A collection cannot serve the request."""


class CollectionBusy(CollectionError):
    """Another process holds the collection's write lock."""


class StoreUnavailable(CollectionError):
    """PostgreSQL or Milvus cannot be reached, or takes too long."""


class ClusterError(PlumbError):
    """A Ray cluster cannot do the work."""


class ModelError(PlumbError):
    """A model cannot be used."""


class DigestMismatch(ModelError):
    """Bytes that are not what the catalogue promises."""


class FetchError(ModelError):
    """A download failed in a way that may pass."""


class QuestionError(UsageError):
    """A question that cannot be asked."""
