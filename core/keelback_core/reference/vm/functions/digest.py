"""Digests of values: sha1, sha1b, sha3 as in SQLite's extensions; md5 and sha256 in the same manner.

A BLOB counts by its bytes, anything else by its text's; NULL gives NULL. Extensions: real SQLite loads them.
Spec: https://sqlite.org/src/file/ext/misc/sha1.c, shathree.c. Twin: core/kernel/vm/functions/digest.
"""

from __future__ import annotations

from keelback_core.value.cast import to_blob, to_integer
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

from .digest_sha import md5, sha1, sha3, sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.value import Value

    from .context import FunctionContext, ScalarFunction, ScalarTable


def _make_digest(digest: Callable[[bytes], bytes], is_text: bool) -> ScalarFunction:
    def function(context: FunctionContext, arguments: list[Value]) -> Value:
        data = to_blob(arguments[0])
        if data is None:
            return None
        result = digest(data)
        return result.hex() if is_text else result

    return function


def sha3_function(context: FunctionContext, arguments: list[Value]) -> Value:
    """sha3(x[, bits]): a BLOB; 256 bits if nothing else is said."""
    bits = to_integer(arguments[1]) if len(arguments) == 2 else 256
    if bits not in (224, 256, 384, 512):
        raise SqlError(ERROR, "SHA3 size should be one of: 224 256 384 512")
    data = to_blob(arguments[0])
    return None if data is None else sha3(data, bits)


SCALARS: ScalarTable = {
    ("md5", 1): _make_digest(md5, True),
    ("sha1", 1): _make_digest(sha1, True),
    ("sha1b", 1): _make_digest(sha1, False),
    ("sha256", 1): _make_digest(sha256, True),
    ("sha3", 1): sha3_function,
    ("sha3", 2): sha3_function,
}
