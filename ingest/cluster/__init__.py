"""Files' bytes and chunks -> documents and vectors, made on the nodes of a Ray cluster.

`connect` is handed an address and gives `ingest.workers.Workers` for the time of one run.
"""

from ingest.cluster.workers import check_head, connect

__all__ = ["check_head", "connect"]
