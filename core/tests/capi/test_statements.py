"""The life of a statement and of a connection."""

from __future__ import annotations

import ctypes

from capi_support import Database

_KEEP = []


def test_prepare_tells_where_the_next_statement_begins(library, database):
    for sql, first in [
        ("SELECT 1; SELECT 2", "SELECT 1;"),
        ("SELECT 'é';x", "SELECT 'é';"),
        ("-- c\n", "-- c\n"),
        ("", ""),
    ]:
        buffer = ctypes.create_string_buffer(sql.encode())
        statement, tail = ctypes.c_void_p(), ctypes.c_void_p()
        assert library.sqlite3_prepare_v2(database.handle, buffer, -1, ctypes.byref(statement), ctypes.byref(tail)) == 0
        assert tail.value - ctypes.addressof(buffer) == len(first.encode())
        if statement.value:
            assert library.sqlite3_sql(statement).decode() == first
        assert library.sqlite3_finalize(statement) == 0


def test_the_length_may_count_the_terminating_nul(library, database):
    statement = ctypes.c_void_p()
    assert library.sqlite3_prepare_v2(database.handle, b"SELECT 1\0", 9, ctypes.byref(statement), None) == 0
    assert library.sqlite3_step(statement) == 100
    assert library.sqlite3_finalize(statement) == 0
    assert (
        library.sqlite3_prepare_v2(database.handle, b"SELECT 1 garbage beyond", 8, ctypes.byref(statement), None) == 0
    )
    library.sqlite3_finalize(statement)


def test_utf16_text_is_prepared(library, database):
    text = "SELECT 'é😀'; x".encode("utf-16-le") + b"\0\0"
    buffer = ctypes.create_string_buffer(text)
    statement, tail = ctypes.c_void_p(), ctypes.c_void_p()
    assert library.sqlite3_prepare16_v2(database.handle, buffer, -1, ctypes.byref(statement), ctypes.byref(tail)) == 0
    assert tail.value - ctypes.addressof(buffer) == len("SELECT 'é😀';".encode("utf-16-le"))
    assert library.sqlite3_step(statement) == 100
    assert ctypes.string_at(library.sqlite3_column_text16(statement, 0), 6).decode("utf-16-le") == "é😀"
    library.sqlite3_finalize(statement)


def test_after_the_end_a_step_starts_anew(library, database):
    statement = database.prepare("SELECT 1")
    assert [library.sqlite3_step(statement) for _ in range(4)] == [100, 101, 100, 101]
    assert library.sqlite3_data_count(statement) == 0
    assert library.sqlite3_column_count(statement) == 1
    assert library.sqlite3_reset(statement) == 0
    library.sqlite3_finalize(statement)


def test_reset_and_finalize_repeat_the_error_of_the_step(library, database):
    assert database.run("CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES (1)") == 0
    statement = database.prepare("INSERT INTO t VALUES (1)")
    assert library.sqlite3_step(statement) == 19
    assert library.sqlite3_extended_errcode(database.handle) == 2067
    assert library.sqlite3_reset(statement) == 19
    assert database.message() == "UNIQUE constraint failed: t.a"
    assert library.sqlite3_reset(statement) == 0
    assert library.sqlite3_step(statement) == 19
    assert library.sqlite3_finalize(statement) == 19
    library.sqlite3_extended_result_codes(database.handle, 1)
    assert database.run("INSERT INTO t VALUES (1)") == 2067
    assert database.run("SELECT 1") == 0
    assert library.sqlite3_errcode(database.handle) == 0
    assert database.message() == "not an error"


def test_a_statement_that_failed_forgets_its_error_when_it_runs_again(library, database):
    assert database.run("CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES (1)") == 0
    statement = database.prepare("INSERT INTO t VALUES (1)")
    assert library.sqlite3_step(statement) == 19
    assert library.sqlite3_reset(statement) == 19
    assert database.run("DELETE FROM t") == 0
    assert library.sqlite3_step(statement) == 101
    assert library.sqlite3_errcode(database.handle) == 101
    assert library.sqlite3_finalize(statement) == 0


def test_the_old_prepare_hides_the_code_until_reset(library, database):
    assert database.run("CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES (1)") == 0
    statement = ctypes.c_void_p()
    assert library.sqlite3_prepare(database.handle, b"INSERT INTO t VALUES (1)", -1, ctypes.byref(statement), None) == 0
    assert library.sqlite3_step(statement) == 1
    assert library.sqlite3_reset(statement) == 19
    library.sqlite3_finalize(statement)


def test_an_open_statement_keeps_the_connection_open(library):
    database = Database(library)
    statement = database.prepare("SELECT 1")
    assert database.close() == 5
    assert database.message() == "unable to close due to unfinalized statements or unfinished backups"
    assert library.sqlite3_next_stmt(database.handle, None) == statement.value
    assert library.sqlite3_finalize(statement) == 0
    assert database.close() == 0


def test_a_zombie_lives_until_its_last_statement(library):
    database = Database(library)
    statement = database.prepare("SELECT 42")
    assert library.sqlite3_close_v2(database.handle) == 0
    assert library.sqlite3_step(statement) == 100
    assert library.sqlite3_column_int(statement, 0) == 42
    assert library.sqlite3_finalize(statement) == 0


def test_parameters_have_names_and_numbers(library, database):
    statement = database.prepare("SELECT ?, ?5, :a, @b, $c, :a")
    count = library.sqlite3_bind_parameter_count(statement)
    assert count == 8
    names = [library.sqlite3_bind_parameter_name(statement, index) for index in range(count + 2)]
    assert names == [None, None, None, None, None, b"?5", b":a", b"@b", b"$c", None]
    assert library.sqlite3_bind_parameter_index(statement, b"$c") == 8
    assert library.sqlite3_bind_parameter_index(statement, b"c") == 0
    library.sqlite3_bind_int(statement, 6, 7)
    address = library.sqlite3_expanded_sql(statement)
    assert ctypes.string_at(address) == b"SELECT NULL, NULL, 7, NULL, NULL, 7"
    library.sqlite3_free(ctypes.c_void_p(address))
    library.sqlite3_finalize(statement)


def test_exec_calls_back_stops_and_gives_its_message(library, database):
    rows = []
    callback_type = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_char_p), ctypes.POINTER(ctypes.c_char_p)
    )
    collect = callback_type(
        lambda _context, count, values, names: rows.append([(names[i], values[i]) for i in range(count)]) or 0
    )
    assert library.sqlite3_exec(database.handle, b"SELECT 1 AS a, NULL AS b; SELECT 'x'", collect, None, None) == 0
    assert rows == [[(b"a", b"1"), (b"b", None)], [(b"'x'", b"x")]]
    stop = callback_type(lambda *_: 1)
    message = ctypes.c_char_p()
    assert library.sqlite3_exec(database.handle, b"SELECT 1", stop, None, ctypes.byref(message)) == 4
    assert message.value == b"query aborted"
    library.sqlite3_free(message)


def test_get_table_gives_names_then_rows(library, database):
    table, rows, columns = ctypes.POINTER(ctypes.c_char_p)(), ctypes.c_int(), ctypes.c_int()
    sql = b"SELECT 1 AS a, 'x' AS b UNION ALL SELECT NULL, 'y'"
    assert (
        library.sqlite3_get_table(
            database.handle, sql, ctypes.byref(table), ctypes.byref(rows), ctypes.byref(columns), None
        )
        == 0
    )
    assert (rows.value, columns.value) == (2, 2)
    assert [table[index] for index in range(6)] == [b"a", b"b", b"1", b"x", None, b"y"]
    library.sqlite3_free_table(table)


def test_counters_and_states_of_a_connection(library, database):
    assert library.sqlite3_get_autocommit(database.handle) == 1
    assert database.run("CREATE TABLE t(a); BEGIN; INSERT INTO t VALUES (1), (2)") == 0
    assert library.sqlite3_get_autocommit(database.handle) == 0
    assert library.sqlite3_txn_state(database.handle, None) == 2
    assert (library.sqlite3_changes(database.handle), library.sqlite3_total_changes(database.handle)) == (2, 2)
    assert library.sqlite3_last_insert_rowid(database.handle) == 2
    assert database.run("COMMIT") == 0
    assert library.sqlite3_txn_state(database.handle, None) == 0
    assert library.sqlite3_db_name(database.handle, 0) == b"main"
    assert library.sqlite3_db_readonly(database.handle, b"main") == 0
    assert library.sqlite3_db_readonly(database.handle, b"nowhere") == -1


def test_a_file_is_named_and_its_uri_parameters_are_told(library, tmp_path):
    path = tmp_path / "a b.db"
    database = Database(library, f"file:{tmp_path}/a%20b.db?mode=rwc&colour=red&n=7#x", 6 | 0x40)
    assert database.code == 0, database.message()
    name = ctypes.c_char_p(library.sqlite3_db_filename(database.handle, b"main"))
    assert name.value == str(path).encode()
    library.sqlite3_db_filename.restype = ctypes.c_void_p
    address = ctypes.c_void_p(library.sqlite3_db_filename(database.handle, b"main"))
    library.sqlite3_db_filename.restype = ctypes.c_char_p
    assert library.sqlite3_uri_parameter(address, b"colour") == b"red"
    assert library.sqlite3_uri_parameter(address, b"none") is None
    assert library.sqlite3_uri_int64(address, b"n", ctypes.c_longlong(1)) == 7
    assert database.run("CREATE TABLE t(a)") == 0
    assert database.close() == 0
    assert path.stat().st_size > 0


def test_table_column_metadata_tells_what_sqlite_tells(library, real):
    answers = []
    for lib in (library, real):
        database = Database(lib)
        assert (
            database.run("CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(9) NOT NULL, plain)") == 0
        )
        for column in (b"id", b"name", b"plain", b"rowid", b"none"):
            kind, collation = ctypes.c_char_p(), ctypes.c_char_p()
            facts = [ctypes.c_int() for _ in range(3)]
            code = lib.sqlite3_table_column_metadata(
                database.handle,
                None,
                b"t",
                column,
                ctypes.byref(kind),
                ctypes.byref(collation),
                *map(ctypes.byref, facts),
            )
            found = (kind.value, collation.value, *[fact.value for fact in facts]) if code == 0 else database.message()
            answers.append((lib is real, column, code, found))
        database.close()
    half = len(answers) // 2
    assert [answer[1:] for answer in answers[:half]] == [answer[1:] for answer in answers[half:]]


def test_a_blob_is_read_and_written_in_pieces(library, database):
    assert database.run("CREATE TABLE t(b); INSERT INTO t VALUES (x'0011223344'), (5)") == 0
    blob = ctypes.c_void_p()

    def opened(row):
        return library.sqlite3_blob_open(
            database.handle, b"main", b"t", b"b", ctypes.c_longlong(row), 1, ctypes.byref(blob)
        )

    assert opened(1) == 0
    assert library.sqlite3_blob_bytes(blob) == 5
    assert library.sqlite3_blob_write(blob, b"\xaa\xbb", 2, 1) == 0
    buffer = ctypes.create_string_buffer(3)
    assert library.sqlite3_blob_read(blob, buffer, 3, 0) == 0
    assert buffer.raw == b"\0\xaa\xbb"
    assert library.sqlite3_blob_read(blob, buffer, 3, 3) == 1
    assert library.sqlite3_blob_close(blob) == 0
    assert opened(2) == 1 and database.message() == "cannot open value of type integer"
    assert opened(9) == 1 and database.message() == "no such rowid: 9"
