"""Interrupts and progress handlers: long work stops, and the transaction is as SQLite leaves it."""

from __future__ import annotations

import apsw
import pytest
from keelback_core.engine.connection import Connection
from keelback_core.reference.vm.sorter import SorterCursor
from keelback_core.value.errors import SqlError
from keelback_core.value.key import compare_binary
from keelback_core.value.key_info import KeyInfo
from keelback_core.value.result_codes import INTERRUPT

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
LONG_STATEMENTS = [
    ENDLESS + "SELECT count(*) FROM c",
    ENDLESS + "SELECT x FROM c ORDER BY x",
    ENDLESS + "SELECT x % 7, count(*) FROM c GROUP BY 1",
    ENDLESS + "SELECT sum(x) OVER (ORDER BY x) FROM c",
    ENDLESS + "SELECT DISTINCT x % 9 FROM c",
    ENDLESS + "SELECT group_concat(x) FROM c",
    ENDLESS + "INSERT INTO t SELECT x FROM c",
    ENDLESS + "SELECT 1 WHERE 0 IN (SELECT -x FROM c)",
    ENDLESS + "UPDATE t SET a = (SELECT max(x) FROM c)",
    ENDLESS + "DELETE FROM t WHERE a < (SELECT count(*) FROM c)",
    ENDLESS + "SELECT x FROM c EXCEPT SELECT x FROM c",
]


class Countdown:
    """A source of interrupts that says yes when it has been asked so many times."""

    def __init__(self, questions: int) -> None:
        self.questions = questions

    @property
    def is_interrupted(self) -> bool:
        self.questions -= 1
        return self.questions < 0


def filled(rows: int = 3000) -> Connection:
    connection = Connection(":memory:")
    connection.execute("CREATE TABLE t(a, b)")
    connection.execute("CREATE INDEX i ON t(b)")
    sql = f"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < {rows}) "
    connection.execute(sql + "INSERT INTO t SELECT x, 'text ' || x FROM c")
    return connection


def outcome(connection, sql):
    try:
        connection.execute(sql).fetchall() if isinstance(connection, apsw.Connection) else connection.execute(sql)
    except (SqlError, apsw.Error) as error:
        return str(error)
    return "done"


@pytest.mark.parametrize("sql", LONG_STATEMENTS)
@pytest.mark.parametrize("is_in_transaction", [False, True])
def test_a_progress_handler_ends_any_long_statement_as_in_sqlite(sql, is_in_transaction):
    own, other = Connection(":memory:"), apsw.Connection(":memory:")
    for connection in (own, other):
        connection.execute("CREATE TABLE t(a)")
        connection.execute("INSERT INTO t VALUES (1), (2)")
        if is_in_transaction:
            connection.execute("BEGIN")
            connection.execute("INSERT INTO t VALUES (3)")
    own.progress_handler = (20000, lambda: True)
    other.set_progress_handler(lambda: True, 20000)
    assert outcome(own, sql) == outcome(other, sql) == "interrupted"
    own.progress_handler = None
    other.set_progress_handler(None)
    assert own.autocommit is not other.in_transaction
    assert own.execute("SELECT a FROM t")[:5] == [list(row) for row in other.execute("SELECT a FROM t")][:5]


@pytest.mark.parametrize("sql", ["PRAGMA integrity_check", "VACUUM"])
def test_work_of_the_storage_stops_between_pages_and_rows(sql):
    connection = filled()
    connection.session.database(0).pager.interrupt_source = Countdown(10)
    with pytest.raises(SqlError) as caught:
        connection.execute(sql)
    assert (caught.value.code, caught.value.message) == (INTERRUPT, "interrupted")
    connection.session.database(0).pager.interrupt_source = None
    assert connection.autocommit
    assert connection.execute("PRAGMA integrity_check") == [["ok"]]
    assert connection.execute("SELECT count(*) FROM t") == [[3000]]


@pytest.mark.parametrize(
    ("sql", "least"),
    [
        ("INSERT INTO s VALUES (4, zeroblob(600000))", 4),
        ("DELETE FROM s WHERE id = 1", 4),
        ("DELETE FROM s", 8),
        ("UPDATE s SET v = zeroblob(600000) WHERE id = 1", 8),
        ("SELECT v FROM s WHERE id = 3", 4),
        ("SELECT count(*) FROM dbstat", 2000),
        ("DROP TABLE s", 8),
    ],
)
def test_work_on_a_chain_of_pages_stops_at_every_256th_of_them(sql, least):
    connection = Connection(":memory:")
    connection.execute("PRAGMA page_size = 512")
    connection.execute("CREATE TABLE s(id INTEGER PRIMARY KEY, v)")
    connection.execute("INSERT INTO s VALUES (1, zeroblob(600000)), (2, 0), (3, zeroblob(600000))")
    pager = connection.session.database(0).pager
    for questions in (0, 1, least - 1):
        pager.interrupt_source = Countdown(questions)
        with pytest.raises(SqlError) as caught:
            connection.execute(sql)
        assert caught.value.code == INTERRUPT
        pager.interrupt_source = None
        assert connection.autocommit
        assert connection.execute("PRAGMA integrity_check") == [["ok"]]
        assert connection.execute("SELECT count(*), sum(length(v)) FROM s") == [[3, 1200001]]
    pager.interrupt_source = Countdown(1 << 30)
    connection.execute(sql)


def test_a_sorter_looks_for_an_interrupt_while_it_makes_its_keys():
    class Row:
        def __init__(self, number: int) -> None:
            self.number = number

        def values(self):
            return [self.number]

    sorter = SorterCursor(KeyInfo(("BINARY",), (0,), 1), (compare_binary,), 0, Countdown(2))
    for number in range(5000):
        sorter.add(Row(-number))
    with pytest.raises(SqlError) as caught:
        sorter.first()
    assert caught.value.code == INTERRUPT


def test_an_interrupt_from_inside_a_function_ends_the_statement():
    connection = filled(50)

    def stop(arguments):
        connection.interrupt()
        return arguments[0]

    connection.create_function("stop", 1, 1, stop)
    with pytest.raises(SqlError) as caught:
        connection.execute("SELECT stop(a.a) FROM t a, t b, t c")
    assert caught.value.code == INTERRUPT
    assert connection.execute("SELECT count(*) FROM t") == [[50]]
