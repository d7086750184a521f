"""The kernel's compiler service, over a stand-in for the kernel: programs, pragmas, ATTACH and VACUUM are those of the
reference's connection, though every fact about storage crosses as bytes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from keelback_core.compiler.catalog.settings import Settings
from keelback_core.compiler.emit import encoded
from keelback_core.engine import Connection
from keelback_core.engine.settings_identity import NO_PARTS, PARTS
from keelback_core.program.listing import explain_rows
from keelback_core.value.errors import SqlError
from kernel_stand_in import NAMES, StandInKernel, keep_program

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "compat-tests"))

from runner.suite_file import read_suite_file  # noqa: E402

AREAS = ("pragma", "ddl", "attach", "vacuum", "select", "insert")
FILES = [path for path in sorted((ROOT / "compat-tests/suite").rglob("*.kbt")) if path.parent.name in AREAS]
# Their answers are another each time.
UNSTABLE = ("random", "'now'", "current_", "generate_series", "json_each", "json_tree")


@pytest.fixture(autouse=True)
def programs_stay_objects(monkeypatch):
    monkeypatch.setattr(encoded, "program_pieces", keep_program)


@pytest.fixture
def kernel():
    kernel = StandInKernel()
    yield kernel
    kernel.close()


def answer(run, sql, values=()):
    try:
        return [list(row) for row in run(sql, values)]
    except SqlError as error:
        return error.code, error.message


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_statements_of_the_suite_have_the_references_programs_and_answers(path):
    for case in read_suite_file(path, path.stem).cases:
        kernel, reference = StandInKernel(), Connection(":memory:")
        try:
            for step in [*case.setup, *case.steps]:
                if step.kind == "reopen" or not isinstance(step.parameters, (list, tuple)):
                    break
                if any(word in step.sql.lower() for word in UNSTABLE):
                    continue
                assert listing(kernel, step.sql) == listing(reference, step.sql), step.sql
                expected = answer(reference.execute, step.sql, step.parameters)
                assert answer(kernel.execute, step.sql, step.parameters) == expected, step.sql
        finally:
            kernel.close()
            reference.close(True)


def listing(connection, sql):
    """What a text compiles to, or its error."""
    try:
        if isinstance(connection, StandInKernel):
            program = connection.compile(sql)[0]
        else:
            ast, _ = connection.parse(sql)
            program = None if ast is None else connection.compile_ast(ast, sql)[0]
    except SqlError as error:
        return error.code, error.message, error.offset
    return None if program is None else [row[:8] for row in explain_rows(program)]


def test_attach_vacuum_and_detach_write_the_references_files(tmp_path):
    script = (
        "PRAGMA page_size = 1024; CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT UNIQUE, c)",
        "INSERT INTO t VALUES (3, 'x', zeroblob(3000)), (9, 'y', 2), (12, 'z', NULL)",
        "CREATE INDEX i ON t(c) WHERE c > 1; CREATE TABLE u AS SELECT 'plain' AS p; DELETE FROM t WHERE a = 9",
        "ATTACH '{other}' AS side; CREATE TABLE side.v(q); INSERT INTO side.v SELECT b FROM t",
        "VACUUM; PRAGMA side.page_size = 4096; VACUUM side; PRAGMA integrity_check",
        "VACUUM INTO '{copy}'; DETACH side; SELECT * FROM v",
        "PRAGMA journal_mode = persist; PRAGMA user_version = 7; PRAGMA page_count; PRAGMA database_list",
    )
    contents = []
    for name in ("kernel", "reference"):
        folder = tmp_path / name
        folder.mkdir()
        path = str(folder / "main.db")
        connection = StandInKernel(path) if name == "kernel" else Connection(path)
        found = []
        for text in script:
            text = text.format(other=folder / "other.db", copy=folder / "copy.db")
            found.append(answer(connection.execute, text))
        connection.close()
        files = {file.name: file.read_bytes() for file in folder.glob("*.db")}
        contents.append((found, files))
    (found, files), (expected, expected_files) = contents
    assert str(found).replace("kernel", "reference") == str(expected)
    assert sorted(files) == sorted(expected_files) == ["copy.db", "main.db", "other.db"]
    for name, content in files.items():
        assert content == expected_files[name], name


def test_a_schema_that_another_connection_changed_is_read_again(tmp_path):
    path = str(tmp_path / "a.db")
    kernel, other = StandInKernel(path), Connection(path)
    other.execute("CREATE TABLE t(a)")
    assert kernel.execute("SELECT * FROM t") == []
    other.execute("DROP TABLE t; CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 2)")
    assert kernel.execute("SELECT * FROM t") == [[1, 2]]
    kernel.close()
    other.close()


def test_the_identity_is_empty_until_a_setting_changes_programs(kernel):
    assert kernel.call("SETTINGS") == [b""]
    kernel.execute("PRAGMA cache_size = 10; PRAGMA busy_timeout = 5; CREATE TABLE t(a)")
    assert kernel.call("SETTINGS") == [b""]
    answered = kernel.call("PRAGMA", 0, "foreign_keys", "1")
    assert answered[0] == 1 and answered[1] != b"" and kernel.call("SETTINGS") == [answered[1]]
    assert kernel.call("PRAGMA", 0, "foreign_keys", "1") == [1]
    assert kernel.call("PRAGMA", 0, "foreign_keys", "0") == [0, b""]


def test_the_identity_knows_functions_collations_and_limits(kernel):
    seen = {b""}
    for operation, *arguments in (
        ("FUNCTION", 1, "f", 1, 1, 1),
        ("FUNCTION", 1, "f", 1, 0x801, 1),
        ("FUNCTION", 2, "f", 1, 1, 2),
        ("COLLATION", 1, "c"),
        ("LIMIT", 3, 20),
        ("PRAGMA", 0, "case_sensitive_like", "1"),
    ):
        identity = kernel.call(operation, *arguments)[-1]
        assert isinstance(identity, bytes) and identity not in seen, operation
        seen.add(identity)
    kernel.call("FUNCTION", 0, "f", 1, 1, 0)
    kernel.call("COLLATION", None, "c")
    kernel.call("LIMIT", 3, 1000)
    assert kernel.call("PRAGMA", 0, "case_sensitive_like", "0")[-1] == b""


def test_every_setting_is_part_of_the_identity_or_is_not():
    assert sorted((*PARTS, *NO_PARTS)) == sorted(Settings.__slots__)


def test_only_programs_of_text_schemas_and_settings_are_kept(kernel):
    kernel.execute("CREATE TABLE t(a)")
    for sql, is_kept in (
        ("SELECT a FROM t", 1),
        ("INSERT INTO t VALUES (1)", 1),
        ("EXPLAIN QUERY PLAN SELECT a FROM t", 1),
        ("BEGIN", 1),
        ("PRAGMA database_list", 0),
        ("CREATE TABLE u(a)", 0),
        ("ATTACH 'x' AS y", 0),
        ("SELECT * FROM json_each('[1]')", 1),
        ("SELECT * FROM dbstat", 0),
    ):
        assert kernel.compile(sql)[2] == is_kept, sql
    kernel.call("HOOK", NAMES.KB_HOOK_AUTHORIZE, 1, 0)
    kernel._authorize = lambda *facts: 0
    assert kernel.compile("SELECT a FROM t")[2] == 0


def test_literals_are_lifted_where_asked_for(kernel):
    kernel.execute("CREATE TABLE t(a)")
    program, _, _, lifted = kernel.compile("INSERT INTO t VALUES (5)", is_lifting=True)
    assert program.hidden_parameter_count == 1 and lifted != b""
    program, _, _, lifted = kernel.compile("INSERT INTO t VALUES (5)")
    assert program.hidden_parameter_count == 0 and lifted == b""


def test_a_forced_mode_lists_the_program_or_runs_what_an_explain_would_list(kernel):
    assert [column.name for column in kernel.compile("SELECT 1", 2)[0].output][-1] == "detail"
    assert [column.name for column in kernel.compile("SELECT 1", 1)[0].output][0] == "addr"
    assert [column.name for column in kernel.compile("EXPLAIN SELECT 1 AS x", 0)[0].output] == ["x"]


def test_functions_without_a_twin_are_called(kernel):
    assert kernel.call("SCALAR", "upper", 1, "BINARY", 0, "abc") == ["ABC", 0]
    assert kernel.call("SCALAR", "json_array", 1, "BINARY", 1, "[1]") == ["[[1]]", 1]
    assert kernel.call("SCALAR", "json_array", 1, "BINARY", 0, "[1]") == ['["[1]"]', 1]
    with pytest.raises(SqlError, match="malformed JSON"):
        kernel.call("SCALAR", "json", 1, "BINARY", 0, "{")


def test_aggregates_without_a_twin_live_until_their_result_or_their_end(kernel):
    [first] = kernel.call("AGGREGATE_NEW", "max", 1, "NOCASE")
    [second] = kernel.call("AGGREGATE_NEW", "sum", 1, "BINARY")
    for value in ("a", "B"):
        kernel.call("AGGREGATE_STEP", first, 0, value)
    for value in (1, 2):
        kernel.call("AGGREGATE_STEP", second, 0, value)
    kernel.call("AGGREGATE_INVERSE", second, 0, 1)
    assert kernel.call("AGGREGATE_VALUE", second) == [2, 0]
    assert kernel.call("AGGREGATE_FINAL", first) == ["B", 0]
    kernel.call("AGGREGATE_DROP", second)
    for number in (first, second):
        with pytest.raises(SqlError):
            kernel.call("AGGREGATE_FINAL", number)


def test_the_text_with_its_values_is_shown(kernel):
    sql = "SELECT ?, :a, ?1"
    assert kernel.call("EXPANDED_SQL", sql, 2, None, ":a", 1.0, "x'y") == ["SELECT 1.0, 'x''y', 1.0"]


def test_what_python_forgets_is_told(kernel):
    kernel.execute("CREATE TABLE t(a); VACUUM")
    assert kernel.forgotten == [0]


def test_rows_of_a_virtual_table_are_fetched_one_by_one(kernel):
    kernel.compile("SELECT * FROM json_each('[5, [6]]')")
    [scan] = kernel.call("VIRTUAL_OPEN", ":json_each")
    rows = []
    [has_row] = kernel.call("VIRTUAL_FILTER", scan, 1, None, 0, "[5, [6]]")
    while has_row:
        rows.append((kernel.call("VIRTUAL_ROWID", scan), kernel.call("VIRTUAL_COLUMN", scan, 1)))
        [has_row] = kernel.call("VIRTUAL_NEXT", scan)
    assert [value for _, value in rows] == [[5, 0], ["[6]", 1]]
    kernel.call("VIRTUAL_CLOSE", scan)
    with pytest.raises(SqlError):
        kernel.call("VIRTUAL_NEXT", scan)


def test_a_table_of_no_module_is_an_error(kernel):
    with pytest.raises(SqlError, match="no such module: none_such"):
        kernel.call("VIRTUAL_CREATE", 0, "CREATE VIRTUAL TABLE t USING none_such")
    with pytest.raises(SqlError, match="no such table"):
        kernel.call("VIRTUAL_BEGIN", "0:t", 0)


FIRST_STATEMENT = """
import subprocess
import sys
sys.path[:0] = sys.argv[1:]
before = set(sys.modules)
from keelback_core.engine import compiler_service, embedding
from keelback_core.engine.wire import pack_values
import_names = set(sys.modules) - before
print(*sorted(import_names))
"""


def test_the_kernels_path_imports_neither_the_machine_nor_the_storage_of_the_reference():
    command = [sys.executable, "-I", "-c", FIRST_STATEMENT, str(ROOT / "core")]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    imported = output.split()
    assert "keelback_core.engine.compiler_session" in imported
    dear = ("keelback_core.reference", "keelback_core.engine.connection")
    standard = ("re", "typing", "enum", "inspect", "dataclasses", "contextlib", "collections", "traceback")
    assert [name for name in imported if name.startswith(dear) or name in standard] == []
