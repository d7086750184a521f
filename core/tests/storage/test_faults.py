"""When any call to the disk fails, the transaction can be rolled back, and the file holds the state before or after."""

from __future__ import annotations

from typing import Any

import pytest
from keelback_core.reference.storage.shared_memory import SharedMemory
from keelback_core.reference.storage.vfs import OsVfs, Vfs, VfsFile
from keelback_core.value.errors import SqlError
from keelback_core.value.record import encode_record
from keelback_core.value.result_codes import CANTOPEN, FULL, IOERR, IOERR_FSYNC, IOERR_READ, IOERR_WRITE
from storage_support import create_table, open_database, oracle_check, oracle_rows, table_rows


class FaultyVfs(Vfs):
    """The real file system, in which the calls numbered `fail_at` to `fail_at + failures - 1` fail."""

    def __init__(self, fail_at: int = -1, failures: int = 1) -> None:
        self.system = OsVfs()
        self.calls = 0
        self.fail_at = fail_at
        self.failures = failures
        self.is_armed = False

    def count(self, error: SqlError) -> None:
        """Count a call, and let it fail when it is its turn."""
        if self.is_armed:
            self.calls += 1
            if self.fail_at <= self.calls - 1 < self.fail_at + self.failures:
                raise error

    def open(self, path: str, flags: int) -> VfsFile:
        self.count(SqlError(CANTOPEN, "unable to open database file"))
        return FaultyFile(self, self.system.open(path, flags))

    def delete(self, path: str, is_directory_synced: bool) -> None:
        self.count(SqlError(IOERR, "disk I/O error"))
        self.system.delete(path, is_directory_synced)

    def exists(self, path: str) -> bool:
        return self.system.exists(path)

    def full_path(self, path: str) -> str:
        return self.system.full_path(path)

    def randomness(self, size: int) -> bytes:
        return bytes(range(size))


class FaultyFile(VfsFile):
    """A file of `FaultyVfs`."""

    def __init__(self, vfs: FaultyVfs, file: VfsFile) -> None:
        super().__init__(file.path, file.is_readonly)
        self.vfs = vfs
        self.file = file

    def read_at(self, size: int, offset: int) -> bytes:
        self.vfs.count(SqlError(IOERR_READ, "disk I/O error"))
        return self.file.read_at(size, offset)

    def write_at(self, data: bytes | bytearray, offset: int) -> None:
        try:
            self.vfs.count(SqlError(FULL if self.vfs.fail_at % 2 else IOERR_WRITE, "disk trouble"))
        except SqlError:
            self.file.write_at(data[: len(data) // 2], offset)
            raise
        self.file.write_at(data, offset)

    def truncate(self, size: int) -> None:
        self.vfs.count(SqlError(IOERR, "disk I/O error"))
        self.file.truncate(size)

    def sync(self) -> None:
        self.vfs.count(SqlError(IOERR_FSYNC, "disk I/O error"))

    def size(self) -> int:
        return self.file.size()

    def close(self) -> None:
        self.file.close()

    @property
    def lock_level(self) -> int:
        return self.file.lock_level

    def lock(self, level: int) -> None:
        self.file.lock(level)

    def unlock(self, level: int) -> None:
        self.file.unlock(level)

    def is_reserved_by_anyone(self) -> bool:
        return self.file.is_reserved_by_anyone()

    def has_moved(self) -> bool:
        return self.file.has_moved()

    def open_shared_memory(self, path: str) -> SharedMemory | None:
        return self.file.open_shared_memory(path)


def change(database: Any, root: int) -> None:
    """One transaction that spills, overflows and deletes."""
    database.begin_write()
    cursor = database.open_table_cursor(root, True)
    for rowid in range(0, 300, 2):
        cursor.insert(rowid, encode_record([None, "new" + "n" * (rowid * 13 % 1400)]))
    for rowid in range(1, 300, 2):
        if cursor.seek(rowid) == 0:
            cursor.delete()
    cursor.close()
    database.commit()


@pytest.mark.parametrize("mode", ["delete", "truncate", "persist", "memory", "wal"])
@pytest.mark.parametrize("failures", [1, 3, 10**9])
def test_every_failing_call_leaves_the_state_before_or_after(tmp_path: Any, mode: str, failures: int) -> None:
    fail_at = 0
    outcomes = {"before": 0, "after": 0}
    while True:
        path = tmp_path / f"{fail_at}.db"
        vfs = FaultyVfs(fail_at, failures)
        database = open_database(path, vfs, synchronous=2, page_size=512)
        database.journal_mode = mode
        database.cache_size = 20
        database.begin_write()
        root = create_table(database)
        cursor = database.open_table_cursor(root, True)
        for rowid in range(150):
            cursor.insert(rowid, encode_record([None, "old" + "o" * (rowid * 7 % 300)]))
        cursor.close()
        database.commit()
        database.end_read()
        vfs.is_armed = True
        failed: SqlError | None = None
        try:
            change(database, root)
        except SqlError as error:
            failed = error
            try:
                database.rollback()
            except SqlError:
                assert database.transaction_state == 0
        calls = vfs.calls
        vfs.is_armed = False
        if mode != "memory" or failures == 1:
            check_state(database, path, root, failed is not None, outcomes)
        database.close()
        path.unlink()
        if calls <= fail_at:
            break
        fail_at += 1 if fail_at < 12 else 7
    assert failed is None and fail_at > 20 and (outcomes["before"] > 10 or mode == "memory")


def check_state(database: Any, path: Any, root: int, has_failed: bool, outcomes: dict[str, int]) -> None:
    """The connection goes on, and real SQLite sees the same."""
    database.begin_read()
    texts = {values[1][:3] for values in table_rows(database, root).values()}
    assert texts in ({"old"}, {"new"})
    if not has_failed:
        assert texts == {"new"}
    outcomes["before" if texts == {"old"} else "after"] += 1
    assert database.integrity_check([1, root], 10) == []
    database.end_read()
    database.close()
    assert oracle_check(path) == "ok"
    assert {text for (text,) in oracle_rows(path, "SELECT substr(b, 1, 3) FROM t")} == texts


def test_a_full_database_says_so_and_rolls_back(tmp_path: Any) -> None:
    database = open_database(tmp_path / "a.db")
    database.begin_write()
    root = create_table(database)
    database.commit()
    database.max_page_count = 10
    database.begin_write()
    cursor = database.open_table_cursor(root, True)
    with pytest.raises(SqlError) as caught:
        for rowid in range(100):
            cursor.insert(rowid, encode_record([None, "x" * 1000]))
    assert (caught.value.code, caught.value.message) == (FULL, "database or disk is full")
    database.rollback()
    database.begin_read()
    assert table_rows(database, root) == {}
    database.close()
    assert oracle_check(tmp_path / "a.db") == "ok"
