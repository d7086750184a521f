"""Whole programs: C without Python, C threads, fork, the examples, and CPython's own sqlite3 module on our library."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import apsw
import pytest
from capi_support import BUILD, ROOT, run_child

COMPATIBLE = {"LD_LIBRARY_PATH": str(BUILD / "compat")}
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"
BASE = Path(os.path.realpath(sys.executable))
# The interpreter that the library was built with, and Debian's of the same minor version, if that is another.
SAME_MINOR = [BASE, *(path for path in [Path(f"/usr/bin/python{MINOR}")] if path.exists() and path != BASE)]
OTHER_MINOR = [path for path in sorted(PYENV.glob("3.1?.*/bin/python3")) if f"/{MINOR}." not in str(path)]


def test_a_program_without_python_opens_and_queries_and_says_nothing_else(tmp_path):
    child = run_child(BUILD / "c/test/plain", tmp_path / "plain.db")
    assert (child.returncode, child.stdout, child.stderr) == (0, "42\n", "")
    connection = apsw.Connection(str(tmp_path / "plain.db"))
    assert connection.execute("SELECT sum(a) FROM t").get == 42
    assert connection.execute("PRAGMA integrity_check").get == "ok"


def test_opening_and_closing_starts_no_python(tmp_path):
    source = tmp_path / "t.c"
    source.write_text(
        "#include <dlfcn.h>\n#include <stdio.h>\n#include <keelback/sqlite3.h>\n"
        'int main(void) { sqlite3 *db; int code = sqlite3_open(":memory:", &db); sqlite3_busy_timeout(db, 5);'
        " code += sqlite3_get_autocommit(db) - 1 + sqlite3_close(db);"
        ' printf("%d %d\\n", code, dlsym(RTLD_DEFAULT, "Py_Initialize") != NULL); return 0; }\n'
    )
    program = tmp_path / "t"
    include = ROOT / "bindings/c/include"
    subprocess.check_call(
        [
            "gcc",
            "-D_GNU_SOURCE",
            f"-I{include}",
            source,
            "-o",
            program,
            f"-L{BUILD}",
            "-lkeelback",
            f"-Wl,-rpath,{BUILD}",
        ]
    )
    assert run_child(program).stdout == "0 0\n"


def test_eight_threads_each_alone_and_all_on_one_connection():
    child = run_child(BUILD / "c/test/threads")
    assert (child.returncode, child.stdout) == (0, "12480 12480\n"), child.stderr


def test_children_of_a_fork_go_on():
    child = run_child(BUILD / "c/test/fork")
    assert (child.returncode, child.stdout) == (0, "42 42\n"), child.stderr


EXAMPLES = {
    "quickstart": "name=Bergen people=291000\nname=Oslo people=709000\n",
    "parameters": "birch\ncedar\n",
    "types": "integer 9223372036854775807\nreal 0.5\ntext café (5 bytes)\nblob 00ff\nnull\n",
    "transaction": "refused: CHECK constraint failed: cents >= 0\n300 and 700\n",
    "errors": "0 0 not an error\n0 0 not an error\n19 2067 UNIQUE constraint failed: t.a\n"
    '1 1 near "FORM": syntax error at 9\n'
    "1 1 no such column: b at 7\n",
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_does_what_its_head_says(name):
    child = run_child(BUILD / "c/examples" / name)
    assert (child.returncode, child.stdout, child.stderr) == (0, EXAMPLES[name], "")


def test_the_readme_shows_the_quickstart_as_it_is():
    readme = (ROOT / "bindings/c/README.md").read_text(encoding="utf-8")
    code = re.search(r"```c\n(.*?)```", readme, re.S)
    assert code is not None
    assert code[1] == (ROOT / "bindings/c/examples/quickstart.c").read_text(encoding="utf-8")


def test_the_driver_speaks_the_protocol():
    requests = [
        {"op": "hello", "protocol": 1},
        {"op": "open", "id": "c", "path": ":memory:", "flags": 6},
        {"op": "exec", "id": "c", "sql": "SELECT ?1, 2.0, :a, NULL", "params": {"?1": {"b": ""}, ":a": {"t": "\0😀"}}},
        {"op": "exec", "id": "c", "sql": "SELECT missing"},
        {"op": "exec", "id": "none", "sql": "SELECT 1"},
        {"op": "close", "id": "c"},
        {"op": "bye"},
    ]
    text = "".join(json.dumps(request) + "\n" for request in requests)
    child = subprocess.run([BUILD / "c/driver"], input=text, capture_output=True, text=True, timeout=60, check=True)
    replies = [json.loads(line) for line in child.stdout.splitlines()]
    assert replies[0]["protocol"] == 1 and replies[0]["name"] == "c"
    assert replies[2]["rows"] == [[{"b": ""}, {"r": "4000000000000000"}, {"t": "\0😀"}, None]]
    assert replies[3]["error"]["code"] == 1 and replies[3]["error"]["message"] == "no such column: missing"
    assert "fault" in replies[4]
    assert replies[5:] == [{}, {}]


CLIENT = """
import sqlite3
connection = sqlite3.connect(":memory:")
connection.execute("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c REAL, d BLOB)")
connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", [(i, str(i), i / 4, bytes([i])) for i in range(3)])
connection.create_function("twice", 1, lambda x: x * 2)
connection.create_collation("backward", lambda left, right: (left < right) - (left > right))
class Total:
    def __init__(self): self.total = 0
    def step(self, x): self.total += x
    def finalize(self): return self.total
connection.create_aggregate("total_of", 1, Total)
print(sqlite3.sqlite_version, connection.execute("SELECT * FROM t").fetchall())
print(connection.execute("SELECT twice(c), twice(b) FROM t WHERE a = 2").fetchall())
print(connection.execute("SELECT b FROM t ORDER BY b COLLATE backward").fetchall())
print(connection.execute("SELECT total_of(a) FROM t").fetchall())
try:
    connection.execute("INSERT INTO t(a) VALUES (1)")
except sqlite3.IntegrityError as error:
    print(error, error.sqlite_errorname)
other = sqlite3.connect(":memory:")
connection.commit()
connection.backup(other)
print(other.execute("SELECT count(*) FROM t").fetchone(), connection.total_changes)
"""


@pytest.mark.parametrize("python", SAME_MINOR, ids=str)
def test_cpythons_sqlite3_module_runs_on_our_library(python):
    child = run_child(python, "-I", "-c", CLIENT, **COMPATIBLE)
    assert child.returncode == 0, child.stderr
    assert child.stdout == (
        "3.54.1 [(0, '0', 0.0, b'\\x00'), (1, '1', 0.25, b'\\x01'), (2, '2', 0.5, b'\\x02')]\n"
        "[(1.0, '22')]\n"
        "[('2',), ('1',), ('0',)]\n[(3,)]\n"
        "UNIQUE constraint failed: t.a SQLITE_CONSTRAINT_PRIMARYKEY\n"
        "(3,) 3\n"
    )


@pytest.mark.parametrize("python", OTHER_MINOR, ids=str)
def test_a_host_of_another_minor_version_gets_a_clear_error(python):
    code = (
        "import sqlite3\ntry: sqlite3.connect(':memory:').execute('select 1')\n"
        "except sqlite3.Error as error: print(error)"
    )
    child = run_child(python, "-I", "-c", code, **COMPATIBLE)
    assert child.returncode == 0, child.stderr
    assert re.fullmatch(
        rf"this process runs CPython 3\.\d+, but Keelback's engine was built for CPython {re.escape(MINOR)}\n",
        child.stdout,
    )


SHARED = """
import sqlite3, threading
connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
connection.create_function("twice", 1, lambda x: x * 2)
connection.execute("CREATE TABLE t(a)")
def work(number):
    for at in range(60):
        connection.execute("INSERT INTO t VALUES (twice(?))", (number,))
        connection.total_changes, connection.in_transaction
threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(connection.execute("SELECT count(*), sum(a) FROM t").fetchone())
"""


def test_python_threads_on_one_connection_do_not_lock_each_other_out():
    child = run_child(SAME_MINOR[0], "-I", "-c", SHARED, **COMPATIBLE)
    assert (child.returncode, child.stdout) == (0, "(360, 1800)\n"), child.stderr


INTERRUPTED = """
import sqlite3, threading, time
connection = sqlite3.connect(":memory:", check_same_thread=False)
connection.execute("CREATE TABLE t(a)")
connection.executemany("INSERT INTO t VALUES (?)", [(i,) for i in range(300)])
threading.Timer(0.2, connection.interrupt).start()
try:
    connection.execute("SELECT count(*) FROM t a, t b, t c, t d WHERE a.a + b.a + c.a + d.a = -1").fetchall()
except sqlite3.OperationalError as error:
    print(error)
"""


def test_another_thread_interrupts_a_long_statement():
    child = run_child(SAME_MINOR[0], "-I", "-c", INTERRUPTED, **COMPATIBLE)
    assert (child.returncode, child.stdout) == (0, "interrupted\n"), child.stderr


def test_a_signal_handler_interrupts_a_long_statement():
    child = run_child(BUILD / "c/test/signal")
    assert (child.returncode, child.stdout) == (0, "9 interrupted\n0 0\n"), child.stderr


def test_an_engine_that_is_not_there_is_an_error_never_a_fall_back():
    child = run_child(BUILD / "c/examples/quickstart", KEELBACK_ENGINE="turbine")
    assert child.returncode == 1 and "KEELBACK_ENGINE=turbine: this build has no such engine" in child.stderr


def test_a_core_that_is_not_there_is_an_error(tmp_path):
    child = run_child(BUILD / "c/examples/quickstart", KEELBACK_CORE_PATH=str(tmp_path))
    assert child.returncode == 1 and "cannot load Keelback's engine" in child.stderr and "keelback_core" in child.stderr


def test_pkg_config_and_install_give_a_program_that_runs(tmp_path):
    subprocess.check_call(
        [Path(sys.executable).parent / "cmake", "--install", BUILD, "--prefix", tmp_path], stdout=subprocess.DEVNULL
    )
    library = next(tmp_path.glob("lib*/**/libkeelback.so.0")).parent
    flags = subprocess.check_output(
        ["pkg-config", "--cflags", "--libs", "keelback"],
        text=True,
        env={"PKG_CONFIG_PATH": str(library / "pkgconfig"), "PATH": "/usr/bin"},
    )
    program = tmp_path / "quickstart"
    subprocess.check_call(
        ["gcc", ROOT / "bindings/c/examples/quickstart.c", "-o", program, *flags.split(), f"-Wl,-rpath,{library}"]
    )
    assert run_child(program).stdout == EXAMPLES["quickstart"]


SHELL_SCRIPT = """\
create table t(a integer primary key, b text, c);
insert into t values (1, 'it''s', NULL), (2, x'00ff', 1.5);
create index i on t(b);
.mode box
select * from t;
.mode insert
select * from t;
.mode csv
.headers on
select a, b is null, c from t order by c desc;
.tables
.indexes
.dump
select nope from t;
.changes on
update t set c = c + 1;
begin; delete from t; rollback;
select count(*) from t;
.backup copy.db
"""


def test_debians_shell_runs_on_our_library(tmp_path):
    shell = shutil.which("sqlite3")
    if shell is None:
        pytest.skip("no sqlite3 shell on this machine")
    # The shell compares the library's source id with the one that it was compiled with.
    source_id = subprocess.check_output([shell, ":memory:", "select sqlite_source_id()"], text=True).strip()
    outputs = []
    for name, environment in (("real", {}), ("ours", {**COMPATIBLE, "KEELBACK_SOURCEID": source_id})):
        folder = tmp_path / name
        folder.mkdir()
        done = subprocess.run(
            [shell, "file.db"],
            cwd=folder,
            env={**os.environ, **environment},
            input=SHELL_SCRIPT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        outputs.append((done.stdout, done.stderr, done.returncode))
        judge = apsw.Connection(str(folder / "copy.db"))
        assert judge.execute("PRAGMA integrity_check").get == "ok"
        assert judge.execute("SELECT count(*), sum(c) FROM t").get == (2, 2.5)
        judge.close()
    assert outputs[0][0].count("\n") > 20
    assert outputs[1] == outputs[0]
