"""The built-in SQL functions, one family a file.

A scalar is `(FunctionContext, list[Value]) -> Value`, an aggregate is made by a factory that may be given the
`FunctionContext` (min and max need its collation). Signatures for the binder are in `core/spec/functions.toml`.
"""

from __future__ import annotations

from .context import Aggregate, FunctionContext
from .registry import find_aggregate, find_scalar

__all__ = ["Aggregate", "FunctionContext", "find_aggregate", "find_scalar"]
