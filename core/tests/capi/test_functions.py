"""User functions, aggregates, collations and hooks written in C (here: through ctypes callbacks)."""

from __future__ import annotations

import ctypes

_POINTER = ctypes.c_void_p
FUNCTION = ctypes.CFUNCTYPE(None, _POINTER, ctypes.c_int, ctypes.POINTER(_POINTER))
FINAL = ctypes.CFUNCTYPE(None, _POINTER)
COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_int, _POINTER, ctypes.c_int, _POINTER)
DESTROY = ctypes.CFUNCTYPE(None, _POINTER)


def value(library, address) -> object:
    address = ctypes.c_void_p(address)
    kind = library.sqlite3_value_type(address)
    if kind == 1:
        return library.sqlite3_value_int64(address)
    if kind == 2:
        return library.sqlite3_value_double(address)
    if kind == 5:
        return None
    size = library.sqlite3_value_bytes(address)
    data = ctypes.string_at(library.sqlite3_value_blob(address), size) if size else b""
    return data.decode() if kind == 3 else data


def test_a_function_sees_its_arguments_and_its_answer_is_seen(library, database):
    seen = []

    def echo(context, count, values):
        seen.append([value(library, values[index]) for index in range(count)])
        library.sqlite3_result_value(ctypes.c_void_p(context), ctypes.c_void_p(values[count - 1]))

    callback = FUNCTION(echo)
    assert library.sqlite3_create_function(database.handle, b"echo", -1, 1, None, callback, None, None) == 0
    assert database.rows("SELECT echo(1, 2.5, 'é', x'00', NULL), typeof(echo(x'01')), echo('last')") == [
        (None, b"blob", b"last")
    ]
    assert seen[0] == [1, 2.5, "é", b"\0", None]


def test_a_function_without_arguments_gets_an_address_all_the_same(library, database):
    """Go's mattn/go-sqlite3 makes an empty array of it, and panics on a null address."""
    addresses = []

    def note(context, count, values):
        addresses.append((count, bool(values)))
        library.sqlite3_result_int(ctypes.c_void_p(context), 7)

    callback = FUNCTION(note)
    step = FUNCTION(lambda _context, count, values: addresses.append((count, bool(values))))
    final = FINAL(lambda context: library.sqlite3_result_int(ctypes.c_void_p(context), 8))
    assert library.sqlite3_create_function(database.handle, b"seven", 0, 1, None, callback, None, None) == 0
    assert library.sqlite3_create_function(database.handle, b"eight", 0, 1, None, None, step, final) == 0
    assert database.rows("SELECT seven(), eight()") == [(b"7", b"8")]
    assert addresses and set(addresses) == {(0, True)}


def test_the_list_of_functions_has_the_users_own_beside_the_built_in(library, database):
    callback = FUNCTION(lambda _context, _count, _values: None)
    final = FINAL(lambda _context: None)
    create = library.sqlite3_create_function
    assert create(database.handle, b"Own", 2, 1 | 0x800, None, callback, None, None) == 0
    assert create(database.handle, b"own", -1, 1, None, None, callback, final) == 0
    assert create(database.handle, b"abs", 1, 1, None, callback, None, None) == 0
    listed = (
        "SELECT name, builtin, type, enc, narg, flags & 0x800 FROM pragma_function_list WHERE name IN ('own', 'abs')"
    )
    assert sorted(database.rows(listed)) == [
        (b"abs", b"0", b"s", b"utf8", b"1", b"0"),
        (b"abs", b"1", b"s", b"utf8", b"1", b"2048"),
        (b"own", b"0", b"a", b"utf8", b"-1", b"0"),
        (b"own", b"0", b"s", b"utf8", b"2", b"2048"),
    ]
    assert create(database.handle, b"own", 2, 1, None, None, None, None) == 0
    assert len(database.rows(listed)) == 3


def test_errors_of_a_function_are_the_statements(library, database):
    kinds = {
        1: (lambda c: library.sqlite3_result_error(c, b"my own", -1), 1, "my own"),
        2: (lambda c: library.sqlite3_result_error_code(c, 19), 19, "constraint failed"),
        3: (lambda c: library.sqlite3_result_error_toobig(c), 18, "string or blob too big"),
        4: (lambda c: library.sqlite3_result_error_nomem(c), 7, "out of memory"),
        5: (
            lambda c: (library.sqlite3_result_error(c, b"both", -1), library.sqlite3_result_error_code(c, 5)),
            5,
            "both",
        ),
    }
    callback = FUNCTION(
        lambda context, _count, values: kinds[value(library, values[0])][0](ctypes.c_void_p(context)) and None
    )
    assert library.sqlite3_create_function_v2(database.handle, b"fail", 1, 1, None, callback, None, None, None) == 0
    for number, (_, code, message) in kinds.items():
        assert database.run(f"SELECT fail({number})") == code
        assert database.message() == message


def test_an_aggregate_keeps_its_memory_between_steps(library, database):
    def state(context, size):
        return library.sqlite3_aggregate_context(ctypes.c_void_p(context), size)

    def step(context, _count, values):
        cell = ctypes.c_longlong.from_address(state(context, 8))
        cell.value += value(library, values[0])

    def final(context):
        address = state(context, 0)
        total = ctypes.c_longlong.from_address(address).value if address else -1
        library.sqlite3_result_int64(ctypes.c_void_p(context), ctypes.c_longlong(total))

    callbacks = FUNCTION(step), FINAL(final)
    assert library.sqlite3_create_function(database.handle, b"total_of", 1, 1, None, None, *callbacks) == 0
    assert database.run("CREATE TABLE t(g, a); INSERT INTO t VALUES (1, 10), (2, 20), (1, 30)") == 0
    assert database.rows("SELECT g, total_of(a) FROM t GROUP BY g ORDER BY g") == [(b"1", b"40"), (b"2", b"20")]
    assert database.rows("SELECT total_of(a) FROM t WHERE 0") == [(b"-1",)]


def test_user_data_is_given_and_destroyed_once(library, database):
    destroyed = []
    destroy = DESTROY(lambda address: destroyed.append(address))
    seen = []
    callback = FUNCTION(
        lambda context, _count, _values: seen.append(library.sqlite3_user_data(ctypes.c_void_p(context)))
    )
    for data in (77, 78):
        assert (
            library.sqlite3_create_function_v2(
                database.handle, b"f", 0, 1, _POINTER(data), callback, None, None, destroy
            )
            == 0
        )
        assert database.rows("SELECT f()") == [(None,)]
    assert (seen, destroyed) == ([77, 78], [77])
    assert (
        library.sqlite3_create_function_v2(database.handle, b"f", 2000, 1, _POINTER(79), callback, None, None, destroy)
        == 21
    )
    assert destroyed == [77, 79]
    assert library.sqlite3_create_function_v2(database.handle, b"F", 0, 1, None, None, None, None, None) == 0
    assert destroyed == [77, 79, 78]
    assert database.run("SELECT f()") == 1


def test_a_function_may_use_its_connection(library, database):
    database.run("CREATE TABLE t(a); INSERT INTO t VALUES (5)")

    def nested(context, _count, _values):
        handle = library.sqlite3_context_db_handle
        handle.restype = _POINTER
        assert handle(ctypes.c_void_p(context)) == database.handle.value
        library.sqlite3_result_int(ctypes.c_void_p(context), int(database.rows("SELECT a FROM t")[0][0]) + 1)

    callback = FUNCTION(nested)
    library.sqlite3_create_function(database.handle, b"nested", 0, 1, None, callback, None, None)
    assert database.rows("SELECT nested()") == [(b"6",)]


def test_a_collation_orders_and_can_be_removed(library, database):
    def compare(_context, left_size, left, right_size, right):
        a, b = ctypes.string_at(left, left_size), ctypes.string_at(right, right_size)
        return (a < b) - (a > b)

    callback = COMPARE(compare)
    database.run("CREATE TABLE t(a); INSERT INTO t VALUES ('b'), ('a'), ('c')")
    for encoding in (1, 2):
        assert library.sqlite3_create_collation_v2(database.handle, b"backward", encoding, None, callback, None) == 0
        assert database.rows("SELECT a FROM t ORDER BY a COLLATE backward") == [(b"c",), (b"b",), (b"a",)]
    assert library.sqlite3_create_collation_v2(database.handle, b"backward", 1, None, None, None) == 0
    assert database.run("SELECT a FROM t ORDER BY a COLLATE backward") == 1
    assert database.message() == "no such collation sequence: backward"


def test_the_tracer_sees_statements_and_their_end(library, database):
    events = []

    def trace(kind, _context, _statement, detail):
        events.append((kind, ctypes.string_at(detail) if kind == 1 else None))
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint, _POINTER, _POINTER, _POINTER)(trace)
    assert library.sqlite3_trace_v2(database.handle, 1 | 2 | 4, callback, None) == 0
    database.rows("SELECT 1")
    assert events == [(1, b"SELECT 1"), (4, None), (2, None)]
    library.sqlite3_trace_v2(database.handle, 0, None, None)


def test_a_missing_collation_can_be_registered_when_it_is_needed(library, database):
    wanted = []
    compare = COMPARE(lambda *_: 0)

    def register(_context, handle, _encoding, name):
        wanted.append(name)
        library.sqlite3_create_collation(ctypes.c_void_p(handle), name, 1, None, compare)

    callback = ctypes.CFUNCTYPE(None, _POINTER, _POINTER, ctypes.c_int, ctypes.c_char_p)(register)
    assert library.sqlite3_collation_needed(database.handle, None, callback) == 0
    assert database.rows("SELECT 'a' = 'b' COLLATE late") == [(b"1",)]
    assert wanted == [b"late"]
