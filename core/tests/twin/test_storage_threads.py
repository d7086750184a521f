"""Connections of one process in many threads: no change is lost, and no reader sees half of one."""

from __future__ import annotations

import threading
import time

import pytest
from keelback_core.value.errors import SqlError
from keelback_core.value.record import decode_record, encode_record
from keelback_core.value.result_codes import BUSY
from twin_storage import KernelDatabase

THREADS = 4
ROUNDS = 40
ROWS = 30


def open_patiently(path):
    database = KernelDatabase.open(path, 6)
    database.synchronous = 0
    database.busy_handler = lambda calls: time.sleep(0.0005) is None and calls < 20000
    return database


def read_counters(database, table):
    cursor = database.open_table_cursor(table, False)
    values = []
    is_on = cursor.first()
    while is_on:
        values.append(decode_record(cursor.payload())[0])
        is_on = cursor.next()
    cursor.close()
    return values


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_writers_and_readers_in_threads_see_whole_transactions(tmp_path, mode):
    path = str(tmp_path / "shared.db")
    database = open_patiently(path)
    database.journal_mode = mode
    database.begin_write()
    table = database.create_root(True)
    cursor = database.open_table_cursor(table, True)
    for row in range(ROWS):
        cursor.insert(row, encode_record([0, "x" * 400]))
    cursor.close()
    database.commit()
    database.close()
    failures = []

    def write():
        connection = open_patiently(path)
        for _ in range(ROUNDS):
            connection.begin_write()
            writer = connection.open_table_cursor(table, True)
            for row in range(ROWS):
                assert writer.seek(row) == 0
                writer.insert(row, encode_record([decode_record(writer.payload())[0] + 1, "x" * 400]))
            writer.close()
            connection.commit()
        connection.close()

    def read():
        connection = open_patiently(path)
        for _ in range(ROUNDS * 2):
            connection.begin_read()
            assert len(set(read_counters(connection, table))) == 1
            connection.end_read()
        connection.close()

    def run(work):
        try:
            work()
        except (AssertionError, SqlError) as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in [write, read] * (THREADS // 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    database = open_patiently(path)
    database.begin_read()
    assert read_counters(database, table) == [ROUNDS * (THREADS // 2)] * ROWS
    database.end_read()
    database.close()


def test_two_connections_of_one_process_exclude_each_other(tmp_path):
    path = str(tmp_path / "shared.db")
    first, second = (KernelDatabase.open(path, 6) for _ in range(2))
    first.begin_write()
    first.create_root(True)
    try:
        second.begin_write()
    except SqlError as error:
        assert error.code == BUSY
    else:
        raise AssertionError("two writers at once")
    first.commit()
    second.begin_write()
    second.commit()
    for database in (first, second):
        database.close()
