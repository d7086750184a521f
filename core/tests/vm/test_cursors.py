"""Tables, indexes, ephemeral trees and sorters through the opcodes."""

from __future__ import annotations

import random
from typing import Any

import apsw
import pytest
from keelback_core.engine.connection import Connection
from keelback_core.reference.storage.database import Database
from keelback_core.reference.vm.session import Session
from keelback_core.value.errors import SqlError
from keelback_core.value.key import KeyComparator, compare_binary, compare_nocase
from keelback_core.value.key_info import KeyInfo
from keelback_core.value.record import encode_record
from keelback_core.value.result_codes import CONSTRAINT_DATATYPE, CORRUPT, CORRUPT_INDEX, FULL, TOOBIG
from vm_support import PlainHost, ascending, file_session, machine_of, make_table, memory_session, rows_of, run, scan

SAMPLE = [None, -5, 3, 3.5, 7, "a", "B", "b", b"a", b"b"]


def make_index(session: Session, key: KeyInfo, entries: list[list[Any]]) -> int:
    """An index with these entries; returns its root page."""
    root = run(session, "Transaction 0 1\nCreateBtree 0 1 2\nResultRow 1 1\nHalt")[0][0]
    for values in entries:
        width = len(values)
        variables = "\n".join(f"Variable {place + 1} {place + 10}" for place in range(width))
        machine = machine_of(
            session,
            f"Transaction 0 1\nOpenWrite 0 {root} 0 $key\n{variables}\nMakeRecord 10 {width} 1\n"
            f"IdxInsert 0 1 10 {width}\nHalt",
            {"key": key},
            parameters=(None,) * width,
        )
        machine.parameters = list(values)
        assert not machine.step()
    assert isinstance(root, int)
    return root


def test_rows_are_read_forward_and_backward() -> None:
    session = memory_session()
    root = make_table(session, {number: [number * 10, "x" * number] for number in (3, 1, 2)})
    assert scan(session, root, 2) == [[1, 10, "x"], [2, 20, "xx"], [3, 30, "xxx"]]
    text = (
        "Transaction 0 0\nOpenRead 0 $root 0 2\nLast 0 end\nloop: Column 0 0 1\nResultRow 1 1\nPrev 0 loop\nend: Halt"
    )
    assert run(session, text, {"root": root}) == [[30], [20], [10]]


def test_a_short_record_gives_the_default_and_a_null_row_gives_nulls() -> None:
    session = memory_session()
    root = make_table(session, {1: ["only"]})
    text = """
        Transaction 0 0
        OpenRead 0 $root 0 2
        Rewind 0 end
        Column 0 0 1
        Column 0 1 2 'default'
        Column 0 2 3
        ResultRow 1 3
        NullRow 0
        Column 0 0 1
        Column 0 1 2 'default'
        Rowid 0 3
        ResultRow 1 3
        end: Halt
    """
    assert run(session, text, {"root": root}) == [["only", "default", None], [None, None, None]]


def test_make_record_stores_integral_reals_of_real_columns_as_integers() -> None:
    session = memory_session()
    root = make_table(session, {})
    text = """
        Transaction 0 1
        OpenWrite 0 $root 0 4
        Real 0 10 0 $five
        Integer 6 11
        Real 0 12 0 $half
        Real 0 13 0 $five
        MakeRecord 10 4 1 'EEEA'
        Integer 1 2
        Insert 0 1 2
        ResultRow 10 4
        Halt
    """
    row = run(session, text, {"root": root, "five": 5.0, "half": 0.5})[0]
    assert [repr(value) for value in row] == ["5.0", "6.0", "0.5", "5.0"]
    stored = scan(session, root, 4)[0]
    assert [repr(value) for value in stored] == ["1", "5", "6", "0.5", "5.0"]


def test_a_file_of_ours_has_the_record_bytes_of_sqlite(tmp_path: Any) -> None:
    values: list[Any] = [
        1.0,
        -1.0,
        0.0,
        -0.0,
        1e15,
        3e14,
        1.4e14,
        1e300,
        0.1,
        5,
        2**47,
        2**47 - 1,
        2**55,
        "7",
        "x",
        b"1",
    ]
    theirs = apsw.Connection(str(tmp_path / "theirs.db"))
    theirs.execute("CREATE TABLE t(a REAL)")
    theirs.executemany("INSERT INTO t VALUES(?)", [(value,) for value in values])
    session = file_session(tmp_path / "ours.db")
    root = make_table(session, {})
    assert root == 2
    for number, value in enumerate(values):
        machine = machine_of(
            session,
            "Transaction 0 1\nOpenWrite 0 2 0 1\nVariable 1 10\nMakeRecord 10 1 1 'E'\nNewRowid 0 2\n"
            "Insert 0 1 2\nHalt",
            parameters=(None,),
        )
        machine.parameters = [value]
        assert not machine.step(), number
    pages = []
    for name in ("theirs.db", "ours.db"):
        data = (tmp_path / name).read_bytes()
        pages.append(data[4096:8192])
    assert pages[0] == pages[1]


def test_utf16_databases_are_written_and_read(tmp_path: Any) -> None:
    path = tmp_path / "wide.db"
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA encoding='UTF-16le'; CREATE TABLE t(a, b); CREATE INDEX i ON t(a)")
    connection.execute("INSERT INTO t VALUES('grün', '€')")
    connection.close()
    session = file_session(path)
    assert scan(session, 2, 2) == [[1, "grün", "€"]]
    text = """
        Transaction 0 1
        OpenWrite 0 2 0 2
        OpenWrite 1 3 0 $key
        String8 0 10 0 'añb'
        String8 0 11 0 'second'
        MakeRecord 10 2 1
        NewRowid 0 2
        Insert 0 1 2
        Copy 2 11
        MakeRecord 10 2 3
        IdxInsert 1 3 10 2
        Halt
    """
    run(session, text, {"key": KeyInfo(("BINARY",), (0,), 2)})
    session.database(0).close()
    connection = apsw.Connection(str(path))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("SELECT a, b FROM t ORDER BY a").fetchall() == [("añb", "second"), ("grün", "€")]


def seek_table(session: Session, root: int, opcode: str, key: Any) -> Any:
    text = (
        f"Transaction 0 0\nOpenRead 0 $root 0 1\nVariable 1 5\n{opcode} 0 none 5 1\nRowid 0 1\n"
        f"ResultRow 1 1\nnone: Halt"
    )
    machine = machine_of(session, text, {"root": root}, parameters=(None,))
    machine.parameters = [key]
    found = machine.row[0] if machine.step() else None
    machine.reset()
    return found


@pytest.mark.parametrize(
    ("opcode", "condition", "order"),
    [("SeekLT", "<", "DESC"), ("SeekLE", "<=", "DESC"), ("SeekGE", ">=", "ASC"), ("SeekGT", ">", "ASC")],
)
def test_table_seeks_compare_any_value_with_the_rowid(opcode: str, condition: str, order: str) -> None:
    rowids = [-7, 1, 4, 5, 9, 2**53 + 1]
    session = memory_session()
    root = make_table(session, {rowid: ["x"] for rowid in rowids})
    oracle = apsw.Connection(":memory:")
    oracle.execute("CREATE TABLE t(a INTEGER PRIMARY KEY)")
    oracle.executemany("INSERT INTO t VALUES(?)", [(rowid,) for rowid in rowids])
    keys = [-8, -7, 0, 4, 4.5, 4.0, 5, 10, 1e300, -1e300, 2.0**53, "4", "4.5", "x", b"4", None, 2**63 - 1]
    for key in keys:
        sql = f"SELECT a FROM t WHERE a {condition} ? ORDER BY a {order} LIMIT 1"
        theirs = [row[0] for row in oracle.execute(sql, (key,))]
        assert seek_table(session, root, opcode, key) == (theirs[0] if theirs else None), key
        assert seek_table(session, make_table(session, {}), opcode, key) is None


def test_seek_rowid_takes_what_converts_to_an_integer() -> None:
    session = memory_session()
    root = make_table(session, {4: ["x"]})
    for key, found in (
        (4, 4),
        ("4", 4),
        (4.0, 4),
        (" 4.0 ", 4),
        (4.5, None),
        ("x", None),
        (None, None),
        (b"4", None),
        (5, None),
    ):
        assert seek_table(session, root, "SeekRowid", key) == found
    assert seek_table(session, root, "NotExists", 4) == 4
    assert seek_table(session, root, "NotExists", 3) is None


@pytest.mark.parametrize("is_ephemeral", [False, True])
@pytest.mark.parametrize("flags", [(0, 0), (1, 0), (0, 1), (2, 0), (3, 0)])
def test_index_seeks_agree_with_a_sorted_list(is_ephemeral: bool, flags: tuple[int, int]) -> None:
    seed = 20261122
    print("seed", seed)
    chooser = random.Random(seed)
    key = KeyInfo(("NOCASE", "BINARY"), flags, 3)
    entries = [[first, second, number] for number, (first, second) in enumerate((a, b) for a in SAMPLE for b in SAMPLE)]
    chooser.shuffle(entries)
    session = memory_session()
    root = make_index(session, key, [] if is_ephemeral else entries)

    def order_of(left: list[Any], right: list[Any]) -> int:
        return KeyComparator(key, [compare_nocase, compare_binary]).compare(left, right)

    fill = "".join(
        "".join(f"Variable {3 * row + place + 1} {place + 20}\n" for place in range(3))
        + "MakeRecord 20 3 1\nIdxInsert 0 1 20 3\n"
        for row in range(len(entries))
    )
    opening = f"OpenEphemeral 0 3 0 $key\n{fill}" if is_ephemeral else "Transaction 0 0\nOpenRead 0 $root 0 $key\n"
    parameters = [value for entry in entries for value in entry] if is_ephemeral else []
    count = len(parameters)
    searches = [[first] for first in SAMPLE] + [[chooser.choice(SAMPLE), chooser.choice(SAMPLE)] for _ in range(10)]
    for opcode in ("SeekLT", "SeekLE", "SeekGE", "SeekGT"):
        is_forward = opcode in ("SeekGE", "SeekGT")
        step = "Next" if is_forward else "Prev"
        for search in searches:
            width = len(search)
            variables = "\n".join(f"Variable {count + place + 1} {place + 5}" for place in range(width))
            text = (
                f"{opening}{variables}\n{opcode} 0 end 5 {width}\nloop: IdxRowid 0 1\nResultRow 1 1\n"
                f"{step} 0 loop\nend: Halt"
            )
            machine = machine_of(session, text, {"key": key, "root": root}, parameters=(None,) * (count + width))
            machine.parameters = parameters + search
            mine = []
            while machine.step():
                mine.append(machine.row[0])
            wanted = {
                "SeekLT": lambda order: order < 0,
                "SeekLE": lambda order: order <= 0,
                "SeekGE": lambda order: order >= 0,
                "SeekGT": lambda order: order > 0,
            }[opcode]
            expected = {entry[2] for entry in entries if wanted(order_of(entry, search))}
            assert set(mine) == expected and len(mine) == len(expected), (opcode, search)
            sorted_entries = [entries_by_number(entries)[number] for number in mine]
            for left, right in zip(sorted_entries, sorted_entries[1:], strict=False):
                assert (order_of(left, right) < 0) == is_forward


def entries_by_number(entries: list[list[Any]]) -> dict[int, list[Any]]:
    return {entry[2]: entry for entry in entries}


@pytest.mark.parametrize("is_ephemeral", [False, True])
def test_found_not_found_and_no_conflict(is_ephemeral: bool) -> None:
    session = memory_session()
    key = KeyInfo(("NOCASE", "BINARY"), (0, 0), 3)
    root = make_index(session, key, [["a", 1, 7]])
    if is_ephemeral:
        opening = (
            "OpenEphemeral 0 3 0 $key\nString8 0 20 0 'a'\nInteger 1 21\nInteger 7 22\n"
            "MakeRecord 20 3 1\nIdxInsert 0 1 20 3"
        )
    else:
        opening = "Transaction 0 0\nOpenRead 0 $root 0 $key"

    def jumps(opcode: str, search: list[Any], as_record: bool = False) -> bool:
        width = len(search)
        variables = "\n".join(f"Variable {place + 1} {place + 5}" for place in range(width))
        probe = f"MakeRecord 5 {width} 4\n{opcode} 0 yes 4 0" if as_record else f"{opcode} 0 yes 5 {width}"
        text = f"{opening}\n{variables}\n{probe}\nInteger 0 9\nGoto 0 out\nyes: Integer 1 9\nout: ResultRow 9 1\nHalt"
        machine = machine_of(session, text, {"key": key, "root": root}, parameters=(None,) * width)
        machine.parameters = search
        assert machine.step()
        return bool(machine.row[0])

    for search, is_there in ((["A"], True), (["a", 1], True), (["a", 1.0, 7], True), (["a", 2], False), (["b"], False)):
        assert jumps("Found", search) is is_there
        assert jumps("Found", search, True) is is_there
        assert jumps("NotFound", search) is not is_there
        assert jumps("NoConflict", search) is not is_there
        assert jumps("IfNoHope", search) is not is_there
    assert jumps("NoConflict", ["a", None])


def test_index_comparisons_take_a_prefix() -> None:
    session = memory_session()
    key = KeyInfo(("BINARY", "BINARY"), (0, 1), 3)
    root = make_index(session, key, [["m", 5, 1]])
    expected = {
        (("a",), "GT GE"), (("m",), "GE LE"), (("z",), "LT LE"),
        (("m", 5), "GE LE"), (("m", 6), "GT GE"), (("m", 4), "LT LE"),
    }  # fmt: skip
    for search, names in expected:
        for opcode in ("LT", "LE", "GE", "GT"):
            width = len(search)
            variables = "\n".join(f"Variable {place + 1} {place + 5}" for place in range(width))
            text = (
                f"Transaction 0 0\nOpenRead 0 $root 0 $key\nRewind 0 0\n{variables}\n"
                f"Idx{opcode} 0 yes 5 {width}\nHalt\n"
            )
            machine = machine_of(
                session, text + "yes: ResultRow 5 1\nHalt", {"key": key, "root": root}, parameters=(None,) * width
            )
            machine.parameters = list(search)
            assert machine.step() is (opcode in names.split()), (search, opcode)
            machine.reset()


def test_a_deferred_seek_reads_the_index_where_it_can_and_the_table_where_it_must() -> None:
    session = memory_session()
    root = make_table(session, {7: ["table a", "table b"]})
    index = make_index(session, KeyInfo(("BINARY",), (0,), 2), [["index a", 7]])
    text = """
        Transaction 0 0
        OpenRead 0 $root 0 2
        OpenRead 1 $index 0 $key
        Rewind 1 end
        DeferredSeek 1 0 0 $map
        Rowid 0 3
        Column 0 0 1
        {0}
        Column 0 1 2
        Column 0 0 4
        ResultRow 1 4
        end: Halt
    """
    values = {"root": root, "index": index, "key": KeyInfo(("BINARY",), (0,), 2), "map": (1, 0)}
    # Once the move was made, the table itself is read.
    assert run(session, text.format("Noop"), values) == [["index a", "table b", 7, "table a"]]
    assert run(session, text.format("FinishSeek 1"), values) == [["index a", "table b", 7, "table a"]]
    values["map"] = None
    assert run(session, text.format("Noop"), values) == [["table a", "table b", 7, "table a"]]
    values["index"] = make_index(session, KeyInfo(("BINARY",), (0,), 2), [["index a", 8]])
    with pytest.raises(SqlError) as caught:
        run(session, text.format("Noop"), values)
    assert caught.value.code == CORRUPT


def test_a_move_of_the_table_cursor_ends_its_deferral() -> None:
    session = memory_session()
    root = make_table(session, {1: ["first"], 7: ["last"]})
    index = make_index(session, KeyInfo(("BINARY",), (0,), 2), [["index a", 7]])
    opening = (
        f"Transaction 0 0\nOpenRead 0 {root} 0 1\nOpenRead 1 {index} 0 $key\nRewind 1 end\nDeferredSeek 1 0 0 $map\n"
    )
    values = {"key": KeyInfo(("BINARY",), (0,), 2), "map": (1,)}
    ending = "\nRowid 0 1\nColumn 0 0 2\nResultRow 1 2\nend: Halt"
    assert run(session, opening + "Rewind 0 end" + ending, values) == [[1, "first"]]
    assert run(session, opening + "NullRow 0" + ending, values) == [[None, None]]
    assert run(session, opening + "Prev 0 on\non: Noop" + ending, values) == [[1, "first"]]


def test_new_rowid_is_the_largest_plus_one_then_random_then_full() -> None:
    host = PlainHost()
    session = memory_session(host)
    text = "Transaction 0 1\nOpenWrite 0 $root 0 1\nNewRowid 0 1\nResultRow 1 1\nHalt"
    assert run(session, text, {"root": make_table(session, {})}) == [[1]]
    assert run(session, text, {"root": make_table(session, {-9: ["x"]})}) == [[-8]]
    assert run(session, text, {"root": make_table(session, {41: ["x"]})}) == [[42]]
    full = make_table(session, {2**63 - 1: ["x"], 2: ["x"], 3: ["x"]})
    host.random = iter([1, 2, 3])
    assert run(session, text, {"root": full}) == [[4]]
    host.random = iter([1] * 1000)
    with pytest.raises(SqlError) as caught:
        run(session, text, {"root": full})
    assert (caught.value.code, caught.value.message) == (FULL, "database or disk is full")


def test_autoincrement_never_goes_back_and_ends_at_the_largest_rowid() -> None:
    session = memory_session()
    text = "Transaction 0 1\nOpenWrite 0 $root 0 1\nInt64 0 2 0 $seen\nNewRowid 0 1 2\nResultRow 1 2\nHalt"
    root = make_table(session, {5: ["x"]})
    assert run(session, text, {"root": root, "seen": 3}) == [[6, 6]]
    assert run(session, text, {"root": root, "seen": 30}) == [[31, 31]]
    with pytest.raises(SqlError, match="database or disk is full"):
        run(session, text, {"root": root, "seen": 2**63 - 1})


def test_insert_and_delete_report_to_hooks_and_counters() -> None:
    host = PlainHost()
    session = memory_session(host)
    root = make_table(session, {1: ["a"], 2: ["b"]})
    host.log.clear()
    text = """
        Transaction 0 1
        OpenWrite 0 $root 0 1
        String8 0 10 0 'c'
        MakeRecord 10 1 1
        Integer 9 2
        Insert 0 1 2 't' 17
        Integer 1 2
        Insert 0 1 2 't' 5
        Integer 2 2
        NotExists 0 0 2
        Delete 0 1 0 't'
        Integer 9 2
        NotExists 0 0 2
        Delete 0 0 0 't' 4
        Halt
    """
    run(session, text, {"root": root}, counts_changes=True)
    assert host.log == [(18, 0, "t", 9), (23, 0, "t", 1), (9, 0, "t", 2), ("commit",)]
    assert (host.changes, host.total_changes, host.last_insert_rowid) == (3, 3, 9)
    assert scan(session, root, 1) == [[1, "c"]]


def test_rows_are_shown_with_their_rowids_before_they_change() -> None:
    host = PlainHost()
    session = memory_session(host)
    text = """
        Integer 1 1
        String8 0 2 0 'old'
        Integer 7 3
        Integer 2 4
        Null 0 5
        Integer 8 6
        PreUpdate 0 0 4 't' 2
        PreUpdate 0 1 4 't' 2
        PreUpdate 1 1 0 'u' 1
        Halt
    """
    run(session, text)
    old, new = [1, "old", 7], [2, None, 8]
    assert host.log == [(18, 0, 0, "t", None, new), (23, 0, 0, "t", old, new), (9, 0, 1, "u", old[:2], None)]


def test_deleting_while_scanning_visits_every_row_once() -> None:
    session = memory_session()
    root = make_table(session, {number: ["x" * 200] for number in range(1, 301)})
    text = """
        Transaction 0 1
        OpenWrite 0 $root 0 1
        Rewind 0 end
        loop: Rowid 0 1
        Integer 2 2
        Remainder 2 1 3
        IfNot 3 skip
        Delete 0 0 0 - 2
        AddImm 5 1
        skip: Next 0 loop
        end: ResultRow 5 1
        Halt
    """
    assert run(session, text, {"root": root}) == [[150]]
    assert [row[0] for row in scan(session, root, 1)] == list(range(2, 301, 2))


def test_an_index_entry_is_deleted_and_a_missing_one_is_corruption_if_asked() -> None:
    session = memory_session()
    root = make_index(session, ascending(2), [["a", 1], ["b", 2]])
    text = (
        "Transaction 0 1\nOpenWrite 0 $root 0 $key\nString8 0 5 0 'a'\nInteger 1 6\n"
        "IdxDelete 0 5 2 - {0}\nCount 0 1\nResultRow 1 1\nHalt"
    )
    values = {"root": root, "key": ascending(2)}
    assert run(session, text.format(1), values) == [[1]]
    assert run(session, text.format(0), values) == [[1]]
    with pytest.raises(SqlError) as caught:
        run(session, text.format(1), values)
    assert (caught.value.code, caught.value.message) == (CORRUPT_INDEX, "database disk image is malformed")


def test_a_record_beyond_the_length_limit_is_refused() -> None:
    host = PlainHost()
    session = memory_session(host)
    root = make_table(session, {})
    host.limit_length = 20
    text = (
        "Transaction 0 1\nOpenWrite 0 $root 0 2\nString8 0 5 0 '123456789012'\nCopy 5 6\n"
        "MakeRecord 5 2 1\nInteger 1 2\nInsert 0 1 2\nHalt"
    )
    with pytest.raises(SqlError) as caught:
        run(session, text, {"root": root})
    assert (caught.value.code, caught.value.message) == (TOOBIG, "string or blob too big")


def test_row_data_copies_whole_rows() -> None:
    session = memory_session()
    source = make_table(session, {4: ["a", 1.5, None]})
    target = make_table(session, {})
    text = """
        Transaction 0 1
        OpenRead 0 $source 0 3
        OpenWrite 1 $target 0 3
        Rewind 0 end
        loop: RowData 0 1
        Rowid 0 2
        Insert 1 1 2
        Next 0 loop
        end: Halt
    """
    run(session, text, {"source": source, "target": target})
    assert scan(session, target, 3) == [[4, "a", 1.5, None]]


def test_count_if_empty_and_sequence() -> None:
    session = memory_session()
    text = """
        Transaction 0 0
        OpenRead 0 $root 0 1
        IfEmpty 0 empty
        Count 0 1
        Sequence 0 2
        Sequence 0 3
        SequenceTest 0 empty
        ResultRow 1 3
        empty: Halt
    """
    assert run(session, text, {"root": make_table(session, {1: ["a"], 2: ["b"]})}) == [[2, 0, 1]]
    assert run(session, text, {"root": make_table(session, {})}) == []
    first = "OpenEphemeral 0 1\nSequenceTest 0 yes\nHalt\nyes: Sequence 0 1\nResultRow 1 1\nHalt"
    assert run(session, first) == [[1]]


def test_an_open_pseudo_reads_a_record_in_a_register() -> None:
    text = (
        "Integer 4 5\nString8 0 6 0 'x'\nMakeRecord 5 2 1\nOpenPseudo 0 1 2\nColumn 0 1 10\n"
        "Column 0 0 11\nColumn 0 2 12\nResultRow 10 3\nHalt"
    )
    assert run(memory_session(), text) == [["x", 4, None]]


def test_an_ephemeral_table_is_shared_by_its_duplicate() -> None:
    text = """
        OpenEphemeral 0 1
        OpenDup 1 0
        Integer 0 2
        fill: NewRowid 0 1
        MakeRecord 1 1 3
        Insert 0 3 1
        AddImm 2 1
        Integer 3 4
        Lt 4 fill 2
        Rewind 0 end
        outer: Column 0 0 10
        Rewind 1 end
        inner: Column 1 0 11
        ResultRow 10 2
        Next 1 inner
        Next 0 outer
        end: Halt
    """
    assert run(memory_session(), text) == [[a, b] for a in (1, 2, 3) for b in (1, 2, 3)]


def test_an_ephemeral_table_can_be_a_queue_that_grows_while_it_is_read() -> None:
    text = """
        OpenEphemeral 0 1
        Integer 1 5
        MakeRecord 5 1 3
        NewRowid 0 1
        Insert 0 3 1
        loop: Rewind 0 end
        Column 0 0 5
        Delete 0
        ResultRow 5 1
        AddImm 5 1
        Integer 4 6
        Gt 6 loop 5
        MakeRecord 5 1 3
        NewRowid 0 1
        Insert 0 3 1
        Goto 0 loop
        end: Halt
    """
    assert run(memory_session(), text) == [[1], [2], [3], [4]]


def test_next_goes_on_after_an_ephemeral_row_that_was_deleted() -> None:
    text = """
        OpenEphemeral 0 1
        Integer 6 5
        fill: MakeRecord 5 1 3
        NewRowid 0 1
        Insert 0 3 1
        DecrJumpZero 5 read
        Goto 0 fill
        read: Rewind 0 end
        loop: Rowid 0 1
        ResultRow 1 1
        Delete 0
        Next 0 loop
        Count 0 1
        ResultRow 1 1
        end: Halt
    """
    assert run(memory_session(), text) == [[1], [2], [3], [4], [5], [6], [0]]


def test_reopening_and_resetting_an_ephemeral_table_empties_it() -> None:
    text = """
        Once 0 loop
        loop: {0}
        Integer 5 1
        MakeRecord 1 1 2
        Integer 1 3
        Insert 0 2 3
        Count 0 4
        ResultRow 4 1
        {1}
        Count 0 4
        ResultRow 4 1
        Halt
    """
    assert run(memory_session(), text.format("OpenEphemeral 0 1", "ResetSorter 0")) == [[1], [0]]
    assert run(memory_session(), text.format("OpenEphemeral 0 1", "OpenEphemeral 0 1")) == [[1], [0]]


def sorted_by_machine(
    rows: list[list[Any]], key: KeyInfo, limit: int = 0, host: PlainHost | None = None
) -> list[list[Any]]:
    width = len(rows[0])
    fill = "".join(
        "".join(f"Variable {width * row + place + 1} {place + 20}\n" for place in range(width))
        + f"MakeRecord 20 {width} 1\nSorterInsert 0 1\n"
        for row in range(len(rows))
    )
    columns = "\n".join(f"Column 1 {place} {place + 20}" for place in range(width))
    text = f"""
        SorterOpen 0 {width} {limit} $key
        OpenPseudo 1 2 {width}
        {fill}
        SorterSort 0 end
        loop: SorterData 0 2 1
        {columns}
        ResultRow 20 {width}
        SorterNext 0 loop
        end: Halt
    """
    machine = machine_of(memory_session(host), text, {"key": key}, parameters=(None,) * (width * len(rows)))
    machine.parameters = [value for row in rows for value in row]
    result = []
    while machine.step():
        result.append(machine.row)
    return result


@pytest.mark.parametrize("flags", [(0, 0), (1, 1), (0, 1), (1, 0), (2, 3), (3, 0), (0, 2)])
@pytest.mark.parametrize("names", [("BINARY", "BINARY"), ("NOCASE", "RTRIM")])
def test_a_sorter_sorts_as_sqlite_does_and_keeps_ties_in_order(flags: tuple[int, int], names: tuple[str, str]) -> None:
    seed = 11
    print("seed", seed)
    chooser = random.Random(seed)
    pool = [*SAMPLE, "b ", "A", 3.0, 2**60, float(2**60), "é", "\U0001f600"]
    rows = [[chooser.choice(pool), chooser.choice(pool), number] for number in range(300)]
    oracle = apsw.Connection(":memory:")
    oracle.execute("CREATE TABLE t(a, b, n INTEGER PRIMARY KEY)")
    oracle.executemany("INSERT INTO t VALUES(?,?,?)", [tuple(row) for row in rows])
    terms = []
    for column, name, flag in zip("ab", names, flags, strict=True):
        is_descending = bool(flag & 1)
        nulls = "FIRST" if bool(flag & 2) == is_descending else "LAST"
        terms.append(f"{column} COLLATE {name} {'DESC' if is_descending else 'ASC'} NULLS {nulls}")
    expected = oracle.execute(f"SELECT a, b, n FROM t ORDER BY {', '.join(terms)}, n").fetchall()
    key = KeyInfo(names, flags, 3)
    mine = [tuple(row) for row in sorted_by_machine(rows, key)]
    assert [row[2] for row in mine] == [row[2] for row in expected]
    for limit in (1, 10, 250):
        assert [tuple(row) for row in sorted_by_machine(rows, key, limit)] == mine[:limit]


def test_a_sorter_uses_a_users_collation() -> None:
    host = PlainHost()
    host.collations["BACKWARD"] = lambda left, right: (left < right) - (left > right)
    rows: list[list[Any]] = [["a"], ["c"], ["b"], [None], [1]]
    key = KeyInfo(("BACKWARD",), (0,), 1)
    assert sorted_by_machine(rows, key, host=host) == [[None], [1], ["c"], ["b"], ["a"]]
    with pytest.raises(SqlError, match="no such collation sequence: BACKWARD"):
        sorted_by_machine(rows, key)


def test_sorter_compare_jumps_when_the_columns_differ_or_are_null() -> None:
    text = """
        SorterOpen 0 2 0 $key
        Variable 1 5
        Integer 8 6
        MakeRecord 5 2 1
        SorterInsert 0 1
        SorterSort 0 end
        Integer 9 6
        MakeRecord 5 2 2
        SorterCompare 0 differs 2 1
        Integer 0 9
        ResultRow 9 1
        Halt
        differs: Integer 1 9
        ResultRow 9 1
        end: Halt
    """
    for value, differs in ((5, 0), (None, 1)):
        machine = machine_of(memory_session(), text, {"key": KeyInfo(("BINARY",), (0,), 2)}, parameters=(None,))
        machine.parameters = [value]
        assert machine.step() and machine.row == [differs]


def test_an_ephemeral_index_can_serve_as_sorter() -> None:
    text = """
        OpenEphemeral 0 2 0 $key
        Integer 3 5
        loop: Sequence 0 6
        MakeRecord 5 2 1
        IdxInsert 0 1 5 2
        DecrJumpZero 5 read
        Goto 0 loop
        read: Sort 0 end
        row: Column 0 0 7
        ResultRow 7 1
        Next 0 row
        end: Halt
    """
    assert run(memory_session(), text, {"key": ascending(2)}) == [[1], [2], [3]]


def test_a_strict_table_checks_types() -> None:
    description = "\0".join(["t", "INT", "a", "REAL", "b", "TEXT", "c", "BLOB", "d", "ANY", "e"])
    text = (
        "Variable 1 1\nVariable 2 2\nVariable 3 3\nVariable 4 4\nVariable 5 5\nTypeCheck 1 5 0 $t\nResultRow 1 5\nHalt"
    )
    oracle = apsw.Connection(":memory:")
    oracle.execute("CREATE TABLE t(a INT, b REAL, c TEXT, d BLOB, e ANY) STRICT")
    good: list[Any] = [1, 1.5, "x", b"y", "z"]
    for place in range(5):
        for value in (None, 3, 2.0, 2.5, "4", "4.5", "x", b"x"):
            parameters = list(good)
            parameters[place] = value
            machine = machine_of(memory_session(), text, {"t": description}, parameters=(None,) * 5)
            machine.parameters = parameters
            try:
                oracle.execute("DELETE FROM t; INSERT INTO t VALUES(?,?,?,?,?)", parameters)
                expected = list(oracle.execute("SELECT * FROM t").fetchall()[0])
            except apsw.ConstraintError as error:
                with pytest.raises(SqlError) as caught:
                    machine.step()
                assert caught.value.code == CONSTRAINT_DATATYPE
                assert str(error) == caught.value.message
            else:
                assert machine.step()
                assert [repr(value) for value in machine.row] == [repr(value) for value in expected]
                machine.reset()


def test_affinity_applies_to_a_range_of_registers() -> None:
    text = "String8 0 1 0 '1'\nString8 0 2 0 '2'\nInteger 3 3\nAffinity 1 3 0 'DBE'\nResultRow 1 3\nHalt"
    assert [repr(value) for value in run(memory_session(), text)[0]] == ["1", "'2'", "3.0"]


def test_real_columns_are_stored_as_sqlite_stores_them(tmp_path: Any) -> None:
    values = ["1", "2.0", "2.5", "'3'", "1e15", "-0.0", "140737488355327", "140737488355328"]
    rows = [f"({number}, {value}, {value})" for number, value in enumerate(values)]
    script = [
        "CREATE TABLE plain(a, r REAL, n NUMERIC)",
        "CREATE TABLE uniq(a, r REAL, n NUMERIC, UNIQUE(r, a))",
        "CREATE TABLE checked(a, r REAL, n NUMERIC, CHECK(n < 1e300))",
        "CREATE INDEX down ON uniq(r DESC)",
        *[f"INSERT INTO {table} VALUES {row}" for table in ("plain", "uniq", "checked") for row in rows],
        "UPDATE uniq SET r = 7 WHERE a = 2",
        "DELETE FROM uniq WHERE a = 0",
        "CREATE INDEX late ON uniq(n)",
        "CREATE TABLE copied AS SELECT r, n, r + 1 FROM plain",
    ]
    theirs = apsw.Connection(str(tmp_path / "theirs.db"))
    ours = Connection(str(tmp_path / "ours.db"))
    for sql in script:
        theirs.execute(sql)
        ours.execute(sql)
    query = "SELECT r, typeof(r), n, typeof(n) FROM uniq WHERE r >= 2 ORDER BY r"
    assert [tuple(row) for row in ours.execute(query)] == theirs.execute(query).fetchall()
    ours.close()
    theirs.close()
    assert payloads(tmp_path / "ours.db") == payloads(tmp_path / "theirs.db")


def payloads(path: Any) -> dict[str, list[bytes]]:
    """The records of every tree of a file, by the name of the table or index."""
    connection = apsw.Connection(str(path))
    trees = connection.execute("SELECT name, type, rootpage FROM sqlite_schema").fetchall()
    connection.close()
    database = Database.open(str(path), 1)
    database.begin_read()
    found = {}
    for name, kind, root in trees:
        cursor: Any = database.open_table_cursor(root, False)
        if kind == "index":
            cursor.close()
            cursor = database.open_index_cursor(root, False, KeyComparator(ascending(1), [compare_binary]))
        records = []
        is_there = cursor.first()
        while is_there:
            records.append(cursor.payload())
            is_there = cursor.next()
        found[name] = records
    database.close()
    assert len(found) == 7
    return found


def test_a_list_holds_records_of_one_column_in_their_order() -> None:
    text = "Null 0 9\n" + "".join(f"Variable {place} 1\nListAppend 1 9\n" for place in range(1, len(SAMPLE) + 1))
    machine = machine_of(memory_session(), text + "ResultRow 9 1\nHalt", {}, parameters=(None,) * len(SAMPLE))
    machine.parameters = list(SAMPLE)
    assert rows_of(machine) == [[b"".join(encode_record([value]) for value in SAMPLE)]]
