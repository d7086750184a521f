"""Session: one connection's databases, transaction, savepoints and running statements.

1. `autocommit` is False between BEGIN (or an outermost SAVEPOINT) and its COMMIT or ROLLBACK.
2. Savepoints of the user and statement journals share one stack in each database: user savepoints have the depths
   0..n-1, statement journals follow. A database opens them only when it begins to write.
3. Reads of other running statements outlive commit and rollback, unless the schema changed or they were writing:
   then they end with SQLITE_ABORT_ROLLBACK.
4. `change_serial` grows with every change to any tree, so that machines know when a decoded row may be stale.

Must not know: instructions, SQL, schemas. Twin: core/kernel/vm/session. Spec: https://sqlite.org/lang_transaction.html,
https://sqlite.org/lang_savepoint.html.
"""

from __future__ import annotations

from keelback_core.reference.storage.os_open import can_write
from keelback_core.reference.storage.super_journal import SuperJournal
from keelback_core.reference.vm.failure import failure
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import (
    BUSY,
    CONSTRAINT_COMMITHOOK,
    CONSTRAINT_FOREIGNKEY,
    CORRUPT,
    ERROR,
    READONLY,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.module.protocol import ModuleTable
    from keelback_core.program.host import Host
    from keelback_core.reference.storage.database import Database
    from keelback_core.reference.vm.machine import Machine

MAIN = 0
TEMPORARY = 1

STATE_NONE = 0
STATE_READ = 1
STATE_WRITE = 2


class UserSavepoint:
    """A named savepoint and the constraint counters to go back to."""

    __slots__ = ("deferred_constraints", "deferred_immediate_constraints", "name")

    def __init__(self, name: str, deferred_constraints: int, deferred_immediate_constraints: int) -> None:
        self.name = name
        self.deferred_constraints = deferred_constraints
        self.deferred_immediate_constraints = deferred_immediate_constraints


class Session:
    """The state that the statements of one connection share.

    databases: 0 main, 1 temp (None until used), 2 and up attached. open_temporary: makes
    the temp database when it is first needed. is_query_only, defers_foreign_keys: the pragmas; set by the engine.
    is_damaged: a statement of the open transaction has met a damaged page: nothing more is written in it, and its
    COMMIT fails and undoes it, so that nothing stays that rests on what was found.
    """

    __slots__ = (
        "_open_temporary",
        "_super_journal",
        "autocommit",
        "change_serial",
        "databases",
        "deferred_constraints",
        "deferred_immediate_constraints",
        "defers_foreign_keys",
        "destroying_count",
        "is_encoding_settled",
        "has_transaction_savepoint",
        "has_wal_commits",
        "host",
        "is_damaged",
        "is_query_only",
        "keeps_temporary_in_memory",
        "temporary_page_size",
        "_temporary_folder",
        "soft_heap_limit",
        "hard_heap_limit",
        "reader_count",
        "running",
        "savepoints",
        "schema_changes",
        "statement_count",
        "trigger_depth_limit",
        "virtual_tables",
        "wal_autocheckpoint",
        "writer_count",
    )

    def __init__(self, host: Host, main: Database, open_temporary: Callable[[], Database] | None = None) -> None:
        self.host = host
        main.pager.interrupt_source = host
        self.databases: list[Database | None] = [main, None]
        self._open_temporary = open_temporary
        self._super_journal: SuperJournal | None = None
        self.autocommit = True
        self.savepoints: list[UserSavepoint] = []
        self.has_transaction_savepoint = False
        self.statement_count = 0
        self.running: list[Machine] = []
        # Frames after which a WAL is checkpointed, 0 for never; the engine sees to it after commits to one.
        self.wal_autocheckpoint = 1000
        self.has_wal_commits = False
        self.reader_count = 0
        self.writer_count = 0
        self.deferred_constraints = 0
        self.deferred_immediate_constraints = 0
        self.defers_foreign_keys = False
        self.is_damaged = False
        self.is_query_only = False
        # PRAGMA temp_store = MEMORY, which the reference does in any case.
        self.keeps_temporary_in_memory = False
        # What temp begins with when it is opened: the last size that PRAGMA page_size asked for.
        self.temporary_page_size = 4096
        self._temporary_folder = ""
        # Remembered: what Python holds is not counted.
        self.soft_heap_limit = 0
        self.hard_heap_limit = 0
        self.schema_changes: set[int] = set()
        # A statement has made the first table of a database, be it that it was undone: texts have their encoding.
        self.is_encoding_settled = False
        self.change_serial = 0
        self.trigger_depth_limit = 1000
        # The virtual tables that were told of this transaction, and how many are being destroyed right now.
        self.virtual_tables: list[ModuleTable] = []
        self.destroying_count = 0

    def database(self, index: int) -> Database:
        """The database of that index; opens the temp database at its first use."""
        database = self.databases[index]
        if database is None:
            if index != TEMPORARY or self._open_temporary is None:
                raise SqlError(ERROR, "SQL logic error")
            database = self.databases[TEMPORARY] = self._open_temporary()
            database.pager.interrupt_source = self.host
        return database

    def close_temporary(self) -> None:
        """Drop the temp database; the next one that is needed is a new one."""
        database = self.databases[TEMPORARY]
        if database is not None:
            database.close()
            self.databases[TEMPORARY] = None

    @property
    def temporary_folder(self) -> str:
        """Remembered: the reference makes no temporary files."""
        return self._temporary_folder

    def set_temporary_folder(self, path: str) -> None:
        """Keep it. SqlError ERROR for what cannot be written."""
        if path and not can_write(path):
            raise SqlError(ERROR, "not a writable directory")
        self._temporary_folder = path

    def open_databases(self) -> list[Database]:
        """The databases that are open, main first."""
        return [database for database in self.databases if database is not None]

    def attach(self, database: Database) -> int:
        """Add a database; returns its index."""
        database.pager.interrupt_source = self.host
        self.databases.append(database)
        return len(self.databases) - 1

    def detach(self, index: int) -> None:
        """Take an attached database out, those behind it move up; the caller closes it."""
        del self.databases[index]
        self.schema_changes = {number - 1 if number > index else number for number in self.schema_changes}

    # Transactions of statements

    def begin(self, machine: Machine, index: int, write: int) -> None:
        """Begin to read (write=0), write (1) or write exclusively (2); a transaction begun before goes on."""
        if write and self.is_query_only:
            raise failure(READONLY)
        if write and self.is_damaged:
            raise failure(CORRUPT)
        database = self.database(index)
        if not write:
            database.begin_read()
            return
        database.begin_write(write == 2)
        if self.savepoints:
            database.open_savepoint(len(self.savepoints) - 1)
        if machine.program.needs_statement_journal and (not self.autocommit or self.reader_count > 1):
            if machine.statement_depth < 0:
                machine.statement_depth = len(self.savepoints) + self.statement_count
                machine.deferred_constraints_before = self.deferred_constraints
                machine.deferred_immediate_constraints_before = self.deferred_immediate_constraints
                self.statement_count += 1
                self.savepoint_virtual(machine.statement_depth)
            database.open_savepoint(machine.statement_depth)

    def close_statement(self, machine: Machine, is_rollback: bool) -> None:
        """Release or roll back the statement journal of a machine, if it has one."""
        depth = machine.statement_depth
        if depth < 0 or self.statement_count == 0:
            return
        machine.statement_depth = -1
        self.statement_count -= 1
        for database in self.open_databases():
            if database.transaction_state == STATE_WRITE:
                if is_rollback:
                    self.change_serial += 1
                    database.rollback_to_savepoint(depth)
                database.release_savepoint(depth)
        if is_rollback:
            self.rollback_virtual_to(depth)
        self.release_virtual(depth)
        if is_rollback:
            self.deferred_constraints = machine.deferred_constraints_before
            self.deferred_immediate_constraints = machine.deferred_immediate_constraints_before

    # Virtual tables

    def begin_virtual(self, table: ModuleTable, is_new: bool = False) -> None:
        """Tell a virtual table, once in a transaction, that it will be written; one that is new need not be told."""
        if any(known is table for known in self.virtual_tables):
            return
        if not is_new:
            table.begin()
        self.virtual_tables.append(table)
        depth = len(self.savepoints) + self.statement_count - self._uncounted_savepoints()
        if depth:
            table.open_savepoint(depth - 1)

    def _uncounted_savepoints(self) -> int:
        """Virtual tables do not count the savepoint that began the transaction."""
        return 1 if self.has_transaction_savepoint else 0

    def savepoint_virtual(self, depth: int) -> None:
        """A savepoint of this depth begins."""
        for table in list(self.virtual_tables):
            table.open_savepoint(depth - self._uncounted_savepoints())

    def release_virtual(self, depth: int) -> None:
        """The savepoint of this depth and all above it are released."""
        for table in list(self.virtual_tables):
            table.release_savepoint(depth - self._uncounted_savepoints())

    def rollback_virtual_to(self, depth: int) -> None:
        """Undo what virtual tables have done since this savepoint."""
        for table in list(self.virtual_tables):
            table.roll_back_to_savepoint(depth - self._uncounted_savepoints())

    def _end_virtual(self, is_commit: bool) -> None:
        tables = list(self.virtual_tables)
        self.virtual_tables.clear()
        for table in tables:
            table.savepoint_count = 0
            try:
                if is_commit:
                    table.commit()
                else:
                    table.rollback()
            except SqlError:
                # As in SQLite, nobody asks.
                continue
        if tables:
            self.host.virtual_ended(is_commit)

    # The transaction

    def check_deferred_constraints(self) -> None:
        """Raises the foreign key error if a deferred constraint is still violated."""
        if self.deferred_constraints + self.deferred_immediate_constraints:
            raise SqlError(CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed")

    def defer_foreign_keys(self, defers: bool) -> None:
        """Whether immediate keys are checked at the end of the transaction. Turned off in between, as programs do that
        build a parent table anew, it forgets all that was counted, of deferred keys too."""
        self.defers_foreign_keys = defers
        if not defers:
            self.deferred_constraints = 0
            self.deferred_immediate_constraints = 0

    def reset_constraints(self) -> None:
        """Forget the deferred constraints: the transaction is over."""
        self.deferred_constraints = 0
        self.deferred_immediate_constraints = 0
        self.defers_foreign_keys = False

    def commit(self) -> None:
        """Commit all databases and drop locks that no running statement needs.

        Raises what storage raises; then the transaction is still open. A commit hook that refuses raises
        SQLITE_CONSTRAINT_COMMITHOOK.
        """
        for table in list(self.virtual_tables):
            table.sync()
        writing = [database for database in self.open_databases() if database.transaction_state == STATE_WRITE]
        if writing:
            for database in writing:
                database.make_exclusive()
            if self.host.commit_hook():
                raise failure(CONSTRAINT_COMMITHOOK)
            is_decided = self._commit_together(writing)
            if any(database.pager.wal is not None for database in writing):
                self.has_wal_commits = True
            for database in writing:
                database.commit_phase_two(self.reader_count > 1, is_decided)
        self._end_virtual(True)
        self._drop_read_locks()
        self.reset_constraints()
        self.schema_changes.clear()

    def _commit_together(self, writing: list[Database]) -> bool:
        """Phase one of all; True where several files were committed at once, by the deletion of a super-journal."""
        journals = [database.journal_name for database in writing if database.journal_name]
        main = self.database(MAIN)
        if len(journals) < 2 or not main.path:
            for database in writing:
                database.commit_phase_one()
            return False
        self._super_journal = SuperJournal(main, journals)
        for database in writing:
            database.commit_phase_one(self._super_journal.path if database.journal_name else "")
        self._delete_super_journal(True)
        return True

    def _delete_super_journal(self, is_synced: bool) -> None:
        if self._super_journal is not None:
            self._super_journal.delete(is_synced)
            self._super_journal = None

    def _drop_read_locks(self) -> None:
        # The statement that ends is itself still counted.
        if self.reader_count > 1:
            return
        for database in self.open_databases():
            if database.transaction_state == STATE_READ:
                database.end_read()

    def rollback_all(self, ending: Machine | None, aborts_others: bool) -> None:
        """Undo the whole transaction in all databases.

        ending: the statement that does it. aborts_others: the writing cursors of other statements fail with
        SQLITE_ABORT_ROLLBACK when they are next used; if the schema changed, all of their cursors do. Without it
        they go on from where they were.
        """
        if aborts_others:
            self._abort_others(ending)
        was_writing = False
        first_error: SqlError | None = None
        for database in self.open_databases():
            if database.transaction_state == STATE_WRITE:
                was_writing = True
                try:
                    database.rollback(self.reader_count > 1)
                except SqlError as error:
                    first_error = first_error or error
        if first_error is None:
            self._delete_super_journal(False)
        else:
            # Without it a journal that is still hot would not count.
            self._super_journal = None
        self._end_virtual(False)
        self._drop_read_locks()
        self.change_serial += 1
        self.forget_schemas()
        self.schema_changes.clear()
        self.is_damaged = False
        self.reset_constraints()
        if was_writing or not self.autocommit:
            self.host.rollback_hook()
        if first_error is not None:
            raise first_error

    def forget_schemas(self) -> None:
        """Have the engine read again the schemas that this transaction has changed."""
        for index in sorted(self.schema_changes):
            self.host.schema_changed(index)

    def _abort_others(self, ending: Machine | None) -> None:
        """Make the writing cursors of the other statements, or all if the schema changed, fail when next used."""
        is_schema_change = bool(self.schema_changes)
        for machine in self.running:
            if machine is not ending:
                machine.abort_cursors(not is_schema_change)

    def end_transaction(self) -> None:
        """Back to autocommit, without savepoints."""
        self.autocommit = True
        self.close_savepoints()

    def close_savepoints(self) -> None:
        """Forget all savepoints and statement journals: the transaction they were in is over."""
        self.savepoints.clear()
        self.statement_count = 0
        self.has_transaction_savepoint = False

    # Savepoints of the user

    def open_savepoint(self, name: str) -> None:
        """SAVEPOINT name; outside a transaction it begins one."""
        if self.writer_count > 0:
            raise SqlError(BUSY, "cannot open savepoint - SQL statements in progress")
        if self.autocommit:
            self.autocommit = False
            self.has_transaction_savepoint = True
        self.savepoint_virtual(len(self.savepoints))
        self.savepoints.append(UserSavepoint(name, self.deferred_constraints, self.deferred_immediate_constraints))

    def find_savepoint(self, name: str) -> int:
        """The depth of the innermost savepoint of that name."""
        wanted = fold_name(name)
        for depth in range(len(self.savepoints) - 1, -1, -1):
            if fold_name(self.savepoints[depth].name) == wanted:
                return depth
        raise SqlError(ERROR, f"no such savepoint: {name}")

    def release_savepoint(self, depth: int) -> None:
        """RELEASE of a savepoint that is not the transaction's own."""
        for database in self.open_databases():
            if database.transaction_state == STATE_WRITE:
                database.release_savepoint(depth)
        try:
            self.release_virtual(depth)
        finally:
            del self.savepoints[depth:]

    def rollback_to_savepoint(self, depth: int, ending: Machine) -> None:
        """ROLLBACK TO: undo, and keep the savepoint."""
        self._abort_others(ending)
        for database in self.open_databases():
            if database.transaction_state == STATE_WRITE:
                # A database that first wrote inside the savepoint has it open since then.
                database.rollback_to_savepoint(depth)
        self.change_serial += 1
        self.forget_schemas()
        savepoint = self.savepoints[depth]
        self.deferred_constraints = savepoint.deferred_constraints
        self.deferred_immediate_constraints = savepoint.deferred_immediate_constraints
        try:
            self.rollback_virtual_to(depth)
        finally:
            del self.savepoints[depth + 1 :]


def fold_name(name: str) -> str:
    """A name as SQLite compares names: ASCII letters without case."""
    if name.isascii():
        return name.lower()
    return "".join([character.lower() if character < "\x80" else character for character in name])
