"""Compare calls of functions with real SQLite's.

python tools/compare_calls.py --seed 1 --statements 20000 [--engine kernel|reference]
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "core")]
from tools.comparing.calls import CallGenerator  # noqa: E402

FUNCTIONS = "SELECT DISTINCT name, type, narg FROM pragma_function_list WHERE builtin ORDER BY 1, 2, 3"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--statements", type=int, default=20000)
    parser.add_argument("--engine", default="kernel")
    arguments = parser.parse_args()
    os.environ["KEELBACK_ENGINE"] = arguments.engine
    from tools.comparing.engines import KeelbackLibrary, RealSqlite

    real, ours = RealSqlite(":memory:"), KeelbackLibrary(":memory:")
    generator = CallGenerator(arguments.seed, list(real.connection.execute(FUNCTIONS)))
    different = 0
    for _ in range(arguments.statements):
        sql = generator.statement()
        expected, got = told(real.run(sql)), told(ours.run(sql))
        if expected != got:
            different += 1
            print(f"{sql}\n  SQLite: {expected}\n  ours:   {got}")
    print(f"{arguments.statements} calls, seed {arguments.seed}: {different} differences")
    return 1 if different else 0


def told(outcome: tuple[str, object]) -> object:
    """The outcome so that what differs for the eye differs: types, and the bits of reals."""
    kind, facts = outcome
    if kind == "error":
        code, message = facts
        return code, message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    rows, _changes, _names = facts
    return [[readable(value) for value in row] for row in rows]


def readable(value: object) -> object:
    if isinstance(value, float):
        return "nan" if math.isnan(value) else value.hex()
    return repr(value)


if __name__ == "__main__":
    sys.exit(main())
