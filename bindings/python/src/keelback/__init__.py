"""Keelback for Python: an in-process SQL database, compatible with SQLite, behind DB-API 2.0.

    import keelback
    connection = keelback.connect("file.db")

The names and their meaning are those of Python's sqlite3 module.
"""

from keelback.dbapi2 import *  # noqa: F403
from keelback.dbapi2 import __getattr__, version, version_info  # noqa: F401

__version__ = "0.1.0"
