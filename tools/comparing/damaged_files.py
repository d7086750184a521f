"""Damaged database files, and the statements that are asked of them: the material of tools/compare_damage.py and of the
tests of core/tests/engine.

Files of real SQLite (rowid tables, indexes, WITHOUT ROWID, overflow chains, views, triggers, a free list, both
auto-vacuum settings, UTF-16) are damaged byte by byte, most often where it hurts: page headers, cell pointers, the
rows of the schema, the file header; and cut. For the files beside a database, one as a crash would leave it.

1. What is made depends on the generator that is handed in alone.

Must not know: who reads the files.
"""

from __future__ import annotations

import random
from pathlib import Path

import apsw

MAKE = """
CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c REAL DEFAULT 1.5, d BLOB);
CREATE INDEX tb ON t(b COLLATE NOCASE, c DESC);
CREATE UNIQUE INDEX tp ON t(a) WHERE b > 'm';
CREATE INDEX te ON t(length(b));
CREATE TABLE w(x TEXT, y INT, z, PRIMARY KEY(x, y)) WITHOUT ROWID;
CREATE TABLE n(id INTEGER PRIMARY KEY AUTOINCREMENT, v UNIQUE CHECK(v <> 7));
CREATE TABLE k(v, g AS (v + 1));
CREATE VIEW s AS SELECT a, b, v FROM t LEFT JOIN n ON n.id = a;
CREATE TRIGGER r AFTER DELETE ON k BEGIN INSERT INTO n(v) VALUES(old.v + 1000); END;
WITH RECURSIVE q(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM q WHERE i < 90)
INSERT INTO t SELECT i, substr('abcdefghijklmnopqrstuvwxyz', i % 26, i % 9), i / 3.0, zeroblob(i % 40) FROM q;
INSERT INTO t VALUES(1000, 'big', 0, zeroblob(4000)), (1001, hex(zeroblob(900)), NULL, NULL);
INSERT OR IGNORE INTO w SELECT b, a, d FROM t WHERE a < 60;
INSERT INTO n(v) SELECT a * 10 FROM t WHERE a < 40;
DELETE FROM t WHERE a % 5 = 0 AND a < 500;
"""

STATEMENTS = [
    "PRAGMA schema_version",
    "SELECT * FROM sqlite_schema",
    "PRAGMA table_list",
    "PRAGMA table_xinfo(t)",
    "SELECT count(*), sum(a), max(length(b)), total(c), max(length(d)) FROM t",
    "SELECT b, c FROM t ORDER BY b COLLATE NOCASE, c DESC",
    "SELECT a FROM t WHERE b > 'm' AND a BETWEEN 3 AND 70",
    "SELECT count(*) FROM t WHERE length(b) = 4",
    "SELECT x, y FROM w WHERE x >= 'b' ORDER BY x DESC",
    "SELECT count(*), max(v) FROM n",
    "SELECT * FROM s LIMIT 20",
    "SELECT max(g) FROM k",
    "SELECT t.b, count(*) FROM t JOIN n ON n.v = t.a * 10 GROUP BY 1 LIMIT 30",
    "INSERT INTO t(b, d) VALUES('new', zeroblob(700))",
    "INSERT INTO n(v) VALUES(123456)",
    "INSERT OR REPLACE INTO w VALUES('abc', 3, 'z')",
    "UPDATE t SET b = b || 'q' WHERE a % 4 = 1",
    "UPDATE w SET z = 1 WHERE y < 30",
    "DELETE FROM t WHERE a > 20 AND a < 30",
    "DELETE FROM n WHERE id = 3",
    "CREATE TABLE fresh(p, q UNIQUE)",
    "INSERT INTO fresh SELECT a, a FROM t",
    "CREATE INDEX fresh_p ON fresh(p DESC)",
    "DROP INDEX tb",
    "BEGIN",
    "DELETE FROM n",
    "ROLLBACK",
    "PRAGMA integrity_check",
    "PRAGMA quick_check(5)",
    "DROP TABLE w",
    "DELETE FROM t",
    "DROP TABLE t",
    "PRAGMA freelist_count",
]

# Drawn from in any order by those who look for more than STATEMENTS, the fixed order of old seeds, can find.
MORE_STATEMENTS = [
    *STATEMENTS,
    "VACUUM",
    "REINDEX",
    "REINDEX tb",
    "ANALYZE",
    "PRAGMA incremental_vacuum(3)",
    "PRAGMA page_count",
    "PRAGMA foreign_key_check",
    "SELECT rowid, * FROM t ORDER BY a DESC LIMIT 40",
    "SELECT d FROM t WHERE a = 1000",
    "SELECT length(d), b FROM t WHERE a IN (1000, 1001, 5, 77)",
    "SELECT count(*) FROM t",
    "SELECT count(*) FROM w",
    "SELECT min(b COLLATE NOCASE), max(a) FROM t",
    "SELECT b FROM t WHERE b = 'mnop' COLLATE NOCASE",
    "SELECT DISTINCT b FROM t ORDER BY 1",
    "SELECT z FROM w WHERE x = 'cdef' AND y = 29",
    "SELECT id FROM n WHERE v BETWEEN 100 AND 300 ORDER BY v DESC",
    "SELECT id, row_number() OVER (ORDER BY v) FROM n",
    "SELECT count(*) FROM t WHERE EXISTS (SELECT 1 FROM n WHERE n.v = t.a)",
    "INSERT INTO t SELECT a + 5000, b, c, d FROM t WHERE a < 40",
    "INSERT INTO w SELECT 'fresh' || a, a, b FROM t",
    "INSERT INTO n(v) SELECT a + 9000 FROM t",
    "REPLACE INTO n(id, v) VALUES(4, 10), (5, 11)",
    "INSERT INTO n(v) VALUES(10) ON CONFLICT(v) DO UPDATE SET v = v + 1",
    "UPDATE t SET a = a + 20000 WHERE a > 60",
    "UPDATE t SET c = c + 1, d = zeroblob(1200) WHERE a BETWEEN 10 AND 25",
    "UPDATE n SET v = -v",
    "UPDATE w SET x = x || '!'",
    "DELETE FROM w WHERE x > 'm'",
    "DELETE FROM t WHERE b > 'k'",
    "DELETE FROM t WHERE a % 2 = 0",
    "DELETE FROM n WHERE v > 100",
    "DELETE FROM w",
    "SAVEPOINT one",
    "ROLLBACK TO one",
    "RELEASE one",
    "COMMIT",
    "ALTER TABLE t ADD COLUMN extra DEFAULT 3",
    "ALTER TABLE n RENAME COLUMN v TO value",
    "ALTER TABLE w RENAME TO ww",
    "ALTER TABLE t DROP COLUMN c",
    "CREATE TABLE copy AS SELECT * FROM t",
    "CREATE INDEX tc ON t(c, b)",
    "CREATE UNIQUE INDEX wz ON w(z)",
    "DROP INDEX te",
    "DROP TABLE n",
    "DROP TABLE k",
    "CREATE TEMP TABLE kept AS SELECT * FROM n",
    "PRAGMA user_version = 7",
    "SELECT * FROM dbstat LIMIT 10",
]

KINDS = [(0, "UTF-8", 512), (1, "UTF-8", 512), (0, "UTF-16le", 512), (2, "UTF-8", 1024), (0, "UTF-16be", 4096)]


def good_files(folder: Path, kinds: int = 3) -> list[bytes]:
    """The undamaged files, of the first so many KINDS."""
    files = []
    for number, (auto_vacuum, encoding, page_size) in enumerate(KINDS[:kinds]):
        path = folder / f"good-{number}.db"
        connection = apsw.Connection(str(path))
        connection.execute(f"PRAGMA page_size={page_size}; PRAGMA auto_vacuum={auto_vacuum}")
        connection.execute(f"PRAGMA encoding='{encoding}'")
        connection.execute(MAKE)
        connection.close()
        files.append(path.read_bytes())
        path.unlink()
    return files


def damage(content: bytes, source: random.Random, page_size: int = 512) -> bytes:
    """Change some bytes, swap or repeat pages, now and then cut or lengthen the file."""
    damaged = bytearray(content)
    pages = len(damaged) // page_size
    for _ in range(source.choice((1, 1, 1, 2, 3, 8, 30))):
        page = source.choice((0, 1, 2, 3, source.randrange(pages), source.randrange(pages)))
        place = source.choice((source.randrange(12), 12 + source.randrange(60), source.randrange(page_size)))
        if page == 0:  # the file header seldom, or nothing but NOTADB comes of it
            place = source.choice((source.randrange(100), 100 + place, 100 + place, 100 + source.randrange(30)))
        at = min(page * page_size + place, len(damaged) - 1)
        damaged[at] = source.choice((0, 1, 127, 128, 255, source.randrange(20), source.randrange(256), damaged[at] ^ 1))
    kind = source.random()
    if kind < 0.06:
        del damaged[source.randrange(len(damaged)) :]
    elif kind < 0.1:
        one, other = source.randrange(pages) * page_size, source.randrange(pages) * page_size
        damaged[one : one + page_size] = damaged[other : other + page_size]
    elif kind < 0.13:
        damaged += source.randbytes(source.randrange(1500))
    elif kind < 0.16:
        start = source.randrange(len(damaged))
        damaged[start : start + 40] = source.randbytes(40)
    return bytes(damaged)


# Asked of a database whose companion (-wal, -shm, -journal) was damaged.
COMPANION_STATEMENTS = [
    "SELECT count(*), sum(a), max(length(b)) FROM t",
    "SELECT a, b FROM t WHERE a > 150 ORDER BY b LIMIT 30",
    "PRAGMA quick_check(3)",
    "INSERT INTO t VALUES (1000, 'new')",
    "DELETE FROM t WHERE a % 7 = 0",
    "SELECT count(*) FROM t",
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "SELECT count(*), sum(a) FROM t",
]


def crashed_files(folder: Path, mode: str) -> dict[str, bytes]:
    """A database of real SQLite as a crash would leave it, by the ends of the files' names."""
    path = folder / "made.db"
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA page_size = 512; PRAGMA journal_mode = {mode}; PRAGMA cache_size = 5")
    connection.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT); CREATE INDEX tb ON t(b)")
    numbers = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
    connection.execute(f"{numbers} INSERT INTO t SELECT i, printf('row %d %.*c', i * 37 % 200, i % 90, 'x') FROM n")
    if mode == "WAL":
        connection.execute("UPDATE t SET b = b || 'y' WHERE a % 3 = 0")
        connection.execute("DELETE FROM t WHERE a > 180")
    connection.execute("BEGIN; UPDATE t SET b = 'not ' || b")
    found = {
        end: Path(f"{path}{end}").read_bytes()
        for end in ("", "-wal", "-shm", "-journal")
        if Path(f"{path}{end}").exists()
    }
    connection.close()
    return found


def damage_companion(content: bytes, source: random.Random) -> bytes:
    """Some bytes changed, mostly in the headers; cut, lengthened or repeated now and then."""
    changed = bytearray(content)
    for _ in range(source.choice((1, 1, 2, 4, 20))):
        frame = source.randrange(0, len(changed), 536)
        place = source.choice((source.randrange(32), frame + source.randrange(56), source.randrange(len(changed))))
        place = min(place, len(changed) - 1)
        changed[place] = source.choice((0, 1, 127, 255, source.randrange(256), changed[place] ^ 1))
    kind = source.random()
    if kind < 0.15:
        del changed[source.randrange(len(changed)) :]
    elif kind < 0.22:
        changed += changed[-source.randrange(1, 1100) :]
    elif kind < 0.25:
        changed += source.randbytes(source.randrange(1200))
    return bytes(changed)
