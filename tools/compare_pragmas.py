"""Pragmas with odd arguments, on Keelback and on real SQLite: rows, columns' names and errors compared.

    python tools/compare_pragmas.py [--seed N] [--statements N] [--engine kernel|reference]

A run opens a database on both sides, makes a few tables, and executes pragmas at random, in transactions and out of
them, with and without schema names, as statements, with `=` and with parentheses. A setting may stay different after it
has differed once: what follows on the same pragma in the same database is then left out. Everything depends on the seed
alone. Exit code 1 if there was a difference.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "core")]

from tools.comparing.prepared import Database, our_functions, real_functions  # noqa: E402

SETUP = (
    "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT DEFAULT 'x' NOT NULL, c AS (b || 1), d UNIQUE)",
    "CREATE TABLE w(k TEXT COLLATE NOCASE, v, PRIMARY KEY(k, v DESC)) WITHOUT ROWID",
    "CREATE TABLE s(a INT, b REAL CHECK (b > 0)) STRICT",
    "CREATE TABLE c(x REFERENCES t(a) ON DELETE CASCADE, y, FOREIGN KEY(y) REFERENCES nope(z))",
    "CREATE INDEX ti ON t(b DESC, d) WHERE d > 1",
    "CREATE INDEX te ON t(b || d COLLATE RTRIM)",
    "CREATE VIEW v AS SELECT a, b FROM t",
    "CREATE TEMP TABLE tt(a, b)",
    "ATTACH ':memory:' AS aux",
    "CREATE TABLE aux.o(a, b)",
    "INSERT INTO t(a, b, d) VALUES (1, 'one', 1), (2, 'two', 2)",
    "INSERT INTO c VALUES (7, 8)",
)
BETWEEN = (
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "INSERT INTO t(d) VALUES (random())",
    "SAVEPOINT p",
    "RELEASE p",
    "SELECT * FROM t",
    "DROP TABLE IF EXISTS tt",
    "CREATE TEMP TABLE IF NOT EXISTS tt(a, b)",
    "INSERT INTO tt VALUES (1, 2)",
    "DETACH aux",
    "ATTACH ':memory:' AS aux",
    "CREATE TABLE IF NOT EXISTS aux.o(a, b)",
    "ANALYZE",
    "VACUUM",
)
# Of the build, of the process, or of the file system.
NOT_COMPARED = (
    "compile_options function_list module_list pragma_list temp_store_directory data_store_directory optimize "
    "soft_heap_limit hard_heap_limit lock_proxy_file activate_extensions vdbe_trace stats shrink_memory "
    "mmap_size threads page_count freelist_count data_version "
    # Ours alone.
    "column_metadata"
).split()
VALUES = (
    "0 1 2 3 4 5 7 8 -1 -2 +1 10 100 255 256 1000 4096 512 65536 65537 1e3 1.5 -0 2147483647 2147483648 "
    "-2147483648 4294967296 9223372036854775807 9223372036854775808 -9223372036854775808 0x10 "
    "0x7fffffffffffffff on off yes no true false ON 'on' \"off\" full normal extra fast reset default "
    "delete truncate persist memory wal exclusive none incremental passive restart noop file utf8 'UTF-8' "
    "'UTF-16' 'UTF-16le' t w s c v tt o ti te nope aux 'aux' main temp '' 'x y' NULL '1' '1abc' 'abc1' "
    "sqlite_autoindex_t_1 sqlite_schema sqlite_autoindex_w_1 t(a) 't.a' ignore"
).split(" ")

TABLE_ARGUMENTS = "'t' 'w' 's' 'c' 'v' 'tt' 'o' 'ti' 'nope' 'main' 'temp' 'aux' NULL 0 1 2 -1 ''".split(" ")
WHERE = (
    " WHERE schema = 'main'",
    " WHERE schema = 'aux'",
    " WHERE arg = 't'",
    " WHERE arg = 't' AND schema = 'temp'",
    " WHERE arg IN ('t', 'w')",
    " WHERE schema IS NULL",
    " LIMIT 1",
)


def pragma(rng: random.Random, names: list[str]) -> tuple[str, str]:
    """(name, statement)."""
    name = rng.choice(names)
    schema = rng.choice(("", "", "", "main.", "temp.", "aux.", "nope.", '"main".'))
    shown = name.upper() if rng.random() < 0.05 else name
    form = rng.random()
    value = rng.choice(VALUES)
    if form < 0.2:
        arguments = ", ".join(rng.choice(TABLE_ARGUMENTS) for _ in range(rng.choice((0, 0, 1, 1, 1, 2, 2, 3))))
        called = f"({arguments})" if arguments or rng.random() < 0.5 else ""
        columns = rng.choice(("*", "*", "*", "*, arg", "*, schema", "count(*)", "*, rowid", "arg, schema"))
        where = rng.choice(WHERE) if rng.random() < 0.3 else ""
        return name, f"SELECT {columns} FROM {schema}pragma_{shown}{called}{where}"
    if form < 0.4:
        return name, f"PRAGMA {schema}{shown}"
    if form < 0.65:
        return name, f"PRAGMA {schema}{shown} = {value}"
    if form < 0.95:
        return name, f"PRAGMA {schema}{shown}({value})"
    return name, f"EXPLAIN PRAGMA {schema}{shown}({value})" if form > 2 else f"PRAGMA {schema}{shown}()"


def told(outcome: tuple[object, ...]) -> tuple[object, ...]:
    """The outcome; an error is the same whether it is found when the statement is prepared or when it runs."""
    return ("error", *outcome[-2:]) if outcome[0] == "prepare" or len(outcome) > 3 else outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--statements", type=int, default=5000)
    parser.add_argument("--engine", default="kernel")
    parser.add_argument("--show", type=int, default=3, help="how many differences of each pragma are shown")
    arguments = parser.parse_args()
    os.environ["KEELBACK_ENGINE"] = arguments.engine
    spec = tomllib.loads((ROOT / "core" / "spec" / "pragmas.toml").read_text(encoding="utf-8"))
    names = sorted(set(spec["pragma"]) - set(NOT_COMPARED))
    rng = random.Random(arguments.seed)
    real_side, our_side = real_functions(), our_functions()
    done = 0
    different: Counter[str] = Counter()
    while done < arguments.statements:
        real, ours = Database(real_side), Database(our_side)
        for sql in SETUP:
            real.run(sql)
            ours.run(sql)
        spoilt: set[str] = set()
        for _ in range(40):
            if rng.random() < 0.15:
                sql = rng.choice(BETWEEN)
                real.run(sql)
                ours.run(sql)
                continue
            name, sql = pragma(rng, names)
            done += 1
            expected, found = told(real.rows(sql)), told(ours.rows(sql))
            if expected != found and name not in spoilt:
                spoilt.add(name)
                different[name] += 1
                if different[name] <= arguments.show:
                    print(f"{sql}\n  SQLite: {expected!s:.300}\n  ours:   {found!s:.300}")
        real.close()
        ours.close()
    print(f"{done} pragmas, seed {arguments.seed}: {sum(different.values())} differences {dict(different)}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
