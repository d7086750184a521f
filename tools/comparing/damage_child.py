"""One side of tools/compare_damage.py, a process of its own: real SQLite, or the library with the engine that
KEELBACK_ENGINE names. Reads lines of JSON [path, statements] and answers each with the list of what the statements
gave: [code, message, rows as Python writes them]; the last is what closing gave.

Must not know: what was done to the files.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.comparing.damage_calls import CALLS
from tools.comparing.prepared import Database, our_functions, real_functions


def outcome(database: Database, sql: str) -> list[object]:
    """[code, message, rows]; rows read before an error count. A text that begins with a dot is a call of the C API."""
    if sql.startswith("."):
        name, *arguments = sql[1:].split()
        return CALLS[name](database, *arguments)
    found = database.rows(sql)
    if found[0] == "prepare":
        return [found[1], found[2], "()"]
    code, message = (found[3], found[4]) if len(found) > 3 else (0, "")
    return [code, message, repr(found[2])]


def main() -> None:
    functions = real_functions() if sys.argv[1] == "sqlite" else our_functions()
    for line in sys.stdin:
        path, statements = json.loads(line)
        database = Database(functions, path)
        found = [outcome(database, sql.replace("{path}", path)) for sql in statements]
        found.append([functions["close"](database.handle), "", "()"])  # type: ignore[operator]
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
