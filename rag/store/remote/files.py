"""Files of uploaded documents in PostgreSQL, in pieces, gone with their document.

The table is made with the first of them. Plain functions over a connection.
"""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from rag.store.remote.postgres import Connection
from rag.store.remote.schema import has_table

_PIECE = 2**20
_AT_ONCE = 8
"""Pieces that are fetched together."""
_IN_MEMORY = 16 * 2**20
"""A larger file is read into a temporary one without a name, which goes with whoever reads it."""
_TABLE = """
CREATE TABLE IF NOT EXISTS plumbline.files (
    document bigint NOT NULL REFERENCES plumbline.documents ON DELETE CASCADE,
    number integer NOT NULL,
    piece bytea NOT NULL,
    PRIMARY KEY (document, number)
);
ALTER TABLE plumbline.files ALTER piece SET STORAGE EXTERNAL;
"""
# Most of what is uploaded is compressed already.


def insert_file(connection: Connection, collection: int, path: str, file: BinaryIO) -> None:
    """Keep the file of the document that lies at `path`, unless it is kept already; nothing where
    there is no such document any more. Within the current transaction."""
    if not has_table(connection, "files"):
        connection.execute(_TABLE)
    found = connection.execute(
        "SELECT document FROM places WHERE collection = %s AND path = %s "
        "AND NOT EXISTS (SELECT FROM files WHERE files.document = places.document)",
        (collection, path),
    ).fetchone()
    if found is None:
        return
    number = 0
    while (piece := file.read(_PIECE)) or not number:
        connection.execute("INSERT INTO files VALUES (%s, %s, %b)", (found[0], number, piece))
        number += 1


def read_file(connection: Connection, collection: int, document_id: str) -> BinaryIO | None:
    """The document's file at its beginning, if it is kept."""
    if not has_table(connection, "files"):
        return None
    whole: BinaryIO | None = None
    # The cursor sees one moment, whoever removes the document meanwhile.
    with connection.transaction(), connection.cursor(name="file") as pieces:
        pieces.itersize = _AT_ONCE
        pieces.execute(
            "SELECT f.piece FROM files f JOIN documents d ON d.id = f.document "
            "WHERE d.collection = %s AND d.document_id = %s ORDER BY f.number",
            (collection, document_id),
        )
        for (piece,) in pieces:
            whole = whole or _temporary()
            whole.write(piece)
    if whole is not None:
        whole.seek(0)
    return whole


def _temporary() -> BinaryIO:
    return cast("BinaryIO", SpooledTemporaryFile(max_size=_IN_MEMORY))
