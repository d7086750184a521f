"""Connections and statements: the only room that knows both towers, the compiler and the machine."""

from keelback_core.engine.connection import Connection
from keelback_core.engine.statement import Statement

__all__ = ["Connection", "Statement"]
