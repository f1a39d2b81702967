"""Where users, conversations, opinions and the audit log are kept -> tables to read and write."""

from web.state.database import Connection, Database, Kept, Tables, kept_in, open_database

__all__ = ["Connection", "Database", "Kept", "Tables", "kept_in", "open_database"]
