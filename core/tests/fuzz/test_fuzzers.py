"""The libFuzzer targets of core/kernel/fuzz: built with clang, fed with real records, files and programs, run for a
bounded time under ASan and UBSan. Part of make test-long; KEELBACK_FUZZ_SECONDS says how long each one runs.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import apsw
import pytest
from keelback_core.engine.connection import Connection
from keelback_core.program.encoding import encode_program
from keelback_core.value.record import encode_record

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build" / "fuzz-build"
SECONDS = int(os.environ.get("KEELBACK_FUZZ_SECONDS", "20"))
COMPILERS = ("clang++", "clang++-19", "clang++-16", "clang++-15", "clang++-14")

pytestmark = [
    pytest.mark.skipif(not os.environ.get("KEELBACK_LONG"), reason="part of make test-long"),
    pytest.mark.timeout(3600),  # whole builds of their own
]

SCHEMA = """
CREATE TABLE t(id INTEGER PRIMARY KEY, g INTEGER, v REAL, s TEXT);
CREATE TABLE u(a TEXT COLLATE NOCASE, b BLOB, c);
CREATE INDEX u_a ON u(a, b DESC);
CREATE INDEX t_s ON t(s) WHERE g > 1;
CREATE TRIGGER w AFTER INSERT ON t BEGIN UPDATE u SET c = c + 1 WHERE a = new.s; END;
"""
STATEMENTS = (
    "SELECT g, sum(v), group_concat(s, '-') FROM t WHERE v > 1.5 GROUP BY g HAVING count(*) > 1 ORDER BY 2 LIMIT 5",
    "SELECT * FROM t JOIN u ON u.a = t.s LEFT JOIN t AS x ON x.id = t.g ORDER BY t.v",
    "SELECT a FROM u WHERE a IN (SELECT s FROM t WHERE s LIKE 'a%') OR b BETWEEN x'00' AND x'ff'",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 20) SELECT n, n % 3, -n / 2.0 FROM r",
    "SELECT s, row_number() OVER (PARTITION BY g ORDER BY v), sum(v) OVER (ORDER BY id ROWS 2 PRECEDING) FROM t",
    "INSERT INTO t(g, v, s) VALUES (1, 2.5, 'three'), (?, ?, ?) RETURNING id, upper(s)",
    "UPDATE t SET v = v * 2, s = s || 'x' WHERE id > 2 AND g = 1",
    "DELETE FROM u WHERE rowid IN (SELECT id FROM t)",
    "SELECT DISTINCT g FROM t UNION SELECT c FROM u EXCEPT SELECT 3 ORDER BY 1",
    "SELECT max(v), min(s), count(DISTINCT g), total(v), avg(v), cast(v AS INT) FROM t",
    "CREATE TABLE n(x PRIMARY KEY, y UNIQUE, CHECK (x <> y))",
    "PRAGMA integrity_check",
)


def record_seeds() -> list[bytes]:
    """Records of all storage classes and sizes."""
    values = [None, 0, 1, -1, 127, 1 << 15, 1 << 23, 1 << 31, 1 << 47, 1 << 62, 1.5, "", "text", "ü" * 90, b"\x00\xff"]
    rows = [values, values[::-1], [], ["a" * 200, 1], [b"b" * 5000]]
    return [encode_record(row, encoding) for row in rows for encoding in (1, 2, 3)]


def file_seeds(folder: Path) -> list[bytes]:
    """Small database files of real SQLite, the first byte saying whether the fuzzer writes to them."""
    seeds = []
    for number, (page_size, vacuum, rows) in enumerate(((512, 0, 40), (512, 1, 90), (1024, 2, 10), (4096, 0, 3))):
        path = folder / f"seed-{number}.db"
        connection = apsw.Connection(str(path))
        connection.execute(f"PRAGMA page_size={page_size}; PRAGMA auto_vacuum={vacuum};")
        connection.execute(SCHEMA)
        for row in range(rows):
            connection.execute("INSERT INTO t VALUES(?, ?, ?, ?)", (row, row % 5, row / 7, "s" * (row * 13 % 900)))
            connection.execute("INSERT INTO u VALUES(?, zeroblob(?), ?)", (f"n{row}", row * 31 % 1500, row))
        connection.execute("DELETE FROM t WHERE id % 3 = 0")
        connection.close()
        content = path.read_bytes()
        seeds += [b"\x00" + content, b"\x01" + content]
    return seeds


def program_seeds() -> list[bytes]:
    """Programs of statements of all kinds."""
    connection = Connection(":memory:")
    connection.execute(SCHEMA)
    return [encode_program(connection.compile(statement)[0]) for statement in STATEMENTS]


@pytest.fixture(scope="module")
def fuzzers() -> Path:
    """The folder of the built targets."""
    compiler = next((name for name in COMPILERS if shutil.which(name)), None)
    if compiler is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "clang-14", "libclang-rt-14-dev"], capture_output=True)
        compiler = next((name for name in COMPILERS if shutil.which(name)), None)
    if compiler is None:
        pytest.skip("no clang on this machine, and it cannot be installed")
    cmake = shutil.which("cmake", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}") or "cmake"
    subprocess.run(
        [
            *(cmake, "-S", str(ROOT), "-B", str(BUILD), "-G", "Ninja", "-DKEELBACK_FUZZ=ON"),
            *(f"-DCMAKE_CXX_COMPILER={compiler}", f"-DCMAKE_C_COMPILER={compiler.replace('++', '')}"),
            *("-DCMAKE_BUILD_TYPE=RelWithDebInfo", f"-DPython_EXECUTABLE={sys.executable}"),
        ],
        check=True,
        capture_output=True,
    )
    targets = ["fuzz_record", "fuzz_pages", "fuzz_program"]
    built = subprocess.run([cmake, "--build", str(BUILD), "--target", *targets], capture_output=True, text=True)
    assert built.returncode == 0, built.stdout[-3000:]
    return BUILD / "fuzz"


@pytest.mark.parametrize("target", ["record", "pages", "program"])
def test_foreign_bytes_give_errors_and_nothing_worse(target: str, fuzzers: Path, tmp_path: Path) -> None:
    """A crash, a hang of ten seconds or a sanitizer's report fails; the input that did it is kept beside the build."""
    seed = random.randrange(1, 1 << 30)
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    seeds = {"record": record_seeds, "program": program_seeds, "pages": lambda: file_seeds(tmp_path)}[target]()
    for number, content in enumerate(seeds):
        (corpus / str(number)).write_bytes(content)
    run = subprocess.run(
        [
            *(str(fuzzers / f"fuzz_{target}"), f"-seed={seed}", f"-max_total_time={SECONDS}", "-timeout=10"),
            *("-max_len=70000", "-rss_limit_mb=3000", f"-artifact_prefix={BUILD}/{target}-", str(corpus)),
        ],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, f"seed {seed}\n" + run.stderr[-4000:]
    assert "Done " in run.stderr
