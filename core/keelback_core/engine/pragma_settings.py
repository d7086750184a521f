"""Settings of a connection that PRAGMA shows and changes; called by a running PragmaCall.

1. `answer(database, name, [])` gives the value; with an argument it sets it, and gives the value that then holds.
2. The argument is the text of the value as written; words and numbers are understood as in SQLite.

Source: https://sqlite.org/pragma.html. Which pragmas exist: core/spec/pragmas.toml.
"""

from __future__ import annotations

from keelback_core.compiler.emit.pragma_numbers import integer_32
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import BUSY, ERROR, LOCKED, MESSAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.engine.compiler_session import CompilerSession
    from keelback_core.engine.run_tower import DatabaseLike
    from keelback_core.value import Value

    Setter = Callable[["PragmaSettings", DatabaseLike, "str | None"], Value]

META_LARGEST_ROOT = 4
META_INCREMENTAL_VACUUM = 7
AUTO_VACUUM_MODES = {"none": 0, "full": 1, "incremental": 2}

# Pragmas that are a switch of Settings.
SWITCHES = frozenset(
    (
        "foreign_keys",
        "recursive_triggers",
        "defer_foreign_keys",
        "ignore_check_constraints",
        "reverse_unordered_selects",
        "automatic_index",
        "query_only",
        "trusted_schema",
        "full_column_names",
        "short_column_names",
        "count_changes",
        "legacy_alter_table",
    )
)
PAGE_OVERHEAD = 136
MOST_MAPPED_BYTES = 0x1000000000000
LARGEST_THREADS = 8
TEMP_STORES = {"file": 1, "memory": 2}
TEMPORARY = 1
# Settings that are kept and shown but have nothing to switch here.
REMEMBERED = {
    "threads": 0,
    "analysis_limit": 0,
    "empty_result_callbacks": 0,
    "fullfsync": 0,
    "checkpoint_fullfsync": 0,
    "cell_size_check": 0,
    "read_uncommitted": 0,
    "writable_schema": 0,
    "temp_store": 0,
}
# Of these, the ones that are on or off.
REMEMBERED_SWITCHES = frozenset(
    (
        "empty_result_callbacks",
        "fullfsync",
        "checkpoint_fullfsync",
        "cell_size_check",
        "read_uncommitted",
    )
)
SAFETY_WORDS = {"off": 0, "no": 0, "false": 0, "on": 1, "yes": 1, "true": 1, "full": 2, "extra": 3}
JOURNAL_MODES = ("delete", "persist", "off", "truncate", "memory", "wal")
CHECKPOINT_MODES = {"noop": -1, "full": 1, "restart": 2, "truncate": 3}
ENCODINGS = {
    "utf8": 1, "utf-8": 1, "utf16le": 2, "utf-16le": 2, "utf16be": 3, "utf-16be": 3, "utf16": 2, "utf-16": 2,
}  # fmt: skip
ENCODING_NAMES = {1: "UTF-8", 2: "UTF-16le", 3: "UTF-16be"}


def named_mode(text: str) -> str:
    """The journal mode that begins with a text, as SQLite looks for it; "" if none does."""
    for mode in JOURNAL_MODES:
        if mode.startswith(text.lower()):
            return mode
    return ""


def leading_integer(text: str) -> int:
    """The integer at the start of a text, 0 if there is none, as sqlite3Atoi64 reads it."""
    text = text.strip(" \t\n\r\f\v")
    sign = 1
    if text[:1] in ("+", "-"):
        sign = -1 if text[0] == "-" else 1
        text = text[1:]
    if text[:2].lower() == "0x":
        digits = ""
        for character in text[2:]:
            if character not in "0123456789abcdefABCDEF":
                break
            digits += character
        return sign * int(digits, 16) if digits and len(digits) <= 16 else 0
    digits = ""
    for character in text:
        if character not in "0123456789":
            break
        digits += character
    number = sign * int(digits) if digits and len(digits) < 40 else 0
    return max(-(1 << 63), min((1 << 63) - 1, number))


def whole_integer(text: str) -> int | None:
    """The 64-bit integer that a whole text is (sqlite3DecOrHexToI64), None if it is none."""
    text = text.strip(" \t\n\r\f\v")
    unsigned = text[1:] if text[:1] in ("+", "-") else text
    if unsigned[:2].lower() == "0x":
        return leading_integer(text)
    if not unsigned.isascii() or not unsigned.isdigit() or len(unsigned) > 19:
        return None
    number = -int(unsigned) if text[0] == "-" else int(unsigned)
    return number if -(1 << 63) <= number < 1 << 63 else None


def safety_level(text: str, knows_full: bool, default: int) -> int:
    """The level that a word or number means (getSafetyLevel): off 0, on 1, full 2, extra 3."""
    if text[:1] in "0123456789" and text:
        return (integer_32(text) or 0) & 0xFF
    level = SAFETY_WORDS.get(text.lower())
    return default if level is None or (level > 1 and not knows_full) else level


def as_switch(text: str, default: bool = False) -> bool:
    """on/yes/true/off/no/false, or a number; anything else is `default`."""
    if text[:1] in "0123456789" and text:
        return bool(integer_32(text))
    return safety_level(text, False, int(default)) != 0


def is_page_size(size: int) -> bool:
    """Whether pages may be of so many bytes."""
    return 512 <= size <= 65536 and not size & (size - 1)


def pages_of(size_kib: int, database: DatabaseLike) -> int:
    """How many pages that much memory holds."""
    return size_kib * 1024 // (database.page_size + PAGE_OVERHEAD)


class PragmaSettings:
    """See the module."""

    __slots__ = (
        "connection",
        "remembered",
        "locking_mode",
        "checkpointed",
        "mapped_bytes",
        "temporary_journal",
        "knows_temporary_cache",
    )

    def __init__(self, connection: CompilerSession) -> None:
        self.connection = connection
        self.remembered: dict[str, int] = dict(REMEMBERED)
        # What the temporary database shows for the journal that it does not have.
        self.temporary_journal = "delete"
        # SQLite finds out what temp's cache may hold when it reads schemas anew while temp is open; until then it is 0.
        self.knows_temporary_cache = False
        self.locking_mode = "normal"
        # Of the last checkpoint: frames in the WAL, and those that are back in the database.
        self.checkpointed = (-1, -1)
        self.mapped_bytes = 0

    def answer(self, number: int, name: str, arguments: list[Value]) -> Value:
        """The value of a setting, after changing it if there is an argument."""
        value = None if not arguments or arguments[0] is None else str(arguments[0])
        if name in SWITCHES:
            return self._switch(name, value)
        if name in REMEMBERED:
            return self._remembered(name, value)
        handler = HANDLERS.get(name)
        if handler is None:
            return None
        return handler(self, self.connection.session.database(number), value)

    def _switch(self, name: str, value: str | None) -> Value:
        settings = self.connection.settings
        session = self.connection.session
        if value is not None:
            if name == "foreign_keys" and not session.autocommit:
                return None
            setattr(settings, name, as_switch(value))
            if name == "query_only":
                session.is_query_only = settings.query_only
            elif name == "defer_foreign_keys":
                session.defer_foreign_keys(settings.defer_foreign_keys)
            self.connection.expire()
        if name == "defer_foreign_keys":
            return int(session.defers_foreign_keys)
        return int(getattr(settings, name))

    def _remembered(self, name: str, value: str | None) -> Value:
        if value is not None:
            if name in REMEMBERED_SWITCHES:
                self.remembered[name] = int(as_switch(value))
            elif name == "writable_schema":
                if not self.connection.settings.defensive or not as_switch(value):
                    self.remembered[name] = int(as_switch(value))
                self.settle_writable_schema()
                if value.lower() == "reset":
                    self.connection.forget_schemas()
                self.connection.expire()
            elif name == "temp_store":
                word = value.lower()
                store = int(word[0]) if word[:1] in ("0", "1", "2") else TEMP_STORES.get(word, 0)
                if store != self.remembered[name]:
                    self._drop_temporary()
                    self.temporary_journal = "memory" if store == TEMP_STORES["memory"] else "delete"
                self.remembered[name] = store
                self.connection.session.keeps_temporary_in_memory = self.remembered[name] == TEMP_STORES["memory"]
            else:
                number = whole_integer(value)
                if number is not None and number >= 0:
                    if name in ("analysis_limit", "threads"):
                        number &= 0x7FFFFFFF
                    self.remembered[name] = min(number, LARGEST_THREADS) if name == "threads" else number
                    if name == "analysis_limit":
                        self.connection.settings.analysis_limit = number
                        self.connection.expire()
        return self.remembered[name]

    def settle_writable_schema(self) -> None:
        """Have the schema tables be writable, as the pragma says, unless the connection is defensive."""
        settings = self.connection.settings
        settings.writable_schema = bool(self.remembered["writable_schema"]) and not settings.defensive

    def _drop_temporary(self) -> None:
        """Temporary tables go, where they are kept changes; not while a transaction is open."""
        session = self.connection.session
        temporary = session.databases[1] if len(session.databases) > 1 else None
        if temporary is not None and (not session.autocommit or temporary.transaction_state != 0):
            raise SqlError(ERROR, "temporary storage cannot be changed from within a transaction")
        if temporary is not None:
            self.knows_temporary_cache = True
            session.close_temporary()
            self.connection.forget_schemas()

    def temp_store_directory(self, database: DatabaseLike, value: str | None) -> Value:
        """The folder of temporary files, of the whole process; None while none is set. Temporary tables go where they
        are kept in a file."""
        session = self.connection.session
        if value is not None:
            session.set_temporary_folder(value)
            if self.remembered["temp_store"] != TEMP_STORES["memory"]:
                self._drop_temporary()
        return session.temporary_folder or None

    def soft_heap_limit(self, database: DatabaseLike, value: str | None) -> Value:
        """In bytes, never beyond the hard limit; 0 takes it away."""
        session = self.connection.session
        limit = None if value is None else whole_integer(value)
        if limit is not None and limit >= 0:
            hard = session.hard_heap_limit
            session.soft_heap_limit = hard if hard > 0 and (limit > hard or limit == 0) else limit
        return session.soft_heap_limit

    def hard_heap_limit(self, database: DatabaseLike, value: str | None) -> Value:
        """In bytes; a statement can lower it only."""
        session = self.connection.session
        limit = None if value is None else whole_integer(value)
        before = session.hard_heap_limit
        if limit is not None and limit > 0 and (before == 0 or before > limit):
            soft = session.soft_heap_limit
            session.hard_heap_limit = limit
            if soft == 0 or soft > limit:
                session.soft_heap_limit = limit
        return session.hard_heap_limit

    def _is_temporary(self, database: DatabaseLike) -> bool:
        # C++ opens it at its first use: until then only its number tells.
        if getattr(database, "number", 0) == TEMPORARY:
            return True
        databases = self.connection.session.databases
        return len(databases) > TEMPORARY and database is databases[TEMPORARY]

    def page_size(self, database: DatabaseLike, value: str | None) -> Value:
        if value is not None:
            size = leading_integer(value)
            self.connection.next_page_size = size
            if is_page_size(size):
                self.connection.session.temporary_page_size = size
            database.set_page_size(size)
        return database.page_size

    def page_count(self, database: DatabaseLike, value: str | None) -> Value:
        return database.page_count

    def max_page_count(self, database: DatabaseLike, value: str | None) -> Value:
        if value is not None:
            number = whole_integer(value)
            if number is not None and number > 0:
                database.max_page_count = min(number, 0xFFFFFFFE)
        return database.max_page_count

    def cache_size(self, database: DatabaseLike, value: str | None) -> Value:
        if value is not None:
            database.cache_size = integer_32(value) or 0
            self.knows_temporary_cache = self.knows_temporary_cache or self._is_temporary(database)
        return database.cache_size if self.knows_temporary_cache or not self._is_temporary(database) else 0

    def cache_spill(self, database: DatabaseLike, value: str | None) -> Value:
        """Off for the connection, or the pages that the cache must be of; it answers with no less than it may hold."""
        session = self.connection.session
        if value is not None:
            size = integer_32(value)
            if size:
                database.spill_size = size if size > 0 else pages_of(-size, database)
            is_on = as_switch(value, size is None or size != 0)
            if not is_on:
                # A temp database that is opened later would not hear of it.
                session.database(1).may_spill = False
            for one in session.databases:
                if one is not None:
                    one.may_spill = is_on
        if not database.may_spill:
            return 0
        size = database.cache_size
        return max(size if size >= 0 else pages_of(-size, database), database.spill_size)

    def secure_delete(self, database: DatabaseLike, value: str | None) -> Value:
        """Without a schema name: of all databases."""
        if value is not None:
            for other in self.connection.session.databases:
                if other is not None:
                    self.secure_delete_of(other, value)
        return database.secure_delete

    def secure_delete_of(self, database: DatabaseLike, value: str | None) -> Value:
        if value is not None:
            database.secure_delete = 2 if value.lower() == "fast" else int(as_switch(value))
        return database.secure_delete

    def mmap_size(self, database: DatabaseLike, value: str | None) -> Value:
        """Without a schema name: of all databases, and of those attached later."""
        if value is not None:
            for other in self.connection.session.databases:
                if other is not None:
                    self.mmap_size_of(other, value)
            self.mapped_bytes = database.mmap_size
        return database.mmap_size if database.path else None

    def mmap_size_of(self, database: DatabaseLike, value: str | None) -> Value:
        """Kept and shown only: files are read, not mapped. None where there is no file."""
        if value is not None:
            database.mmap_size = min(max(leading_integer(value), 0), MOST_MAPPED_BYTES)
        return database.mmap_size if database.path else None

    def shrink_memory(self, database: DatabaseLike, value: str | None) -> Value:
        for one in self.connection.session.databases:
            if one is not None:
                one.release_memory()
        return None

    def inherit(self, database: DatabaseLike) -> None:
        """Settings that a database takes over from main when it is attached."""
        main = self.connection.session.database(0)
        database.secure_delete = main.secure_delete
        database.may_spill = main.may_spill
        database.mmap_size = self.mapped_bytes

    def synchronous(self, database: DatabaseLike, value: str | None) -> Value:
        if value is not None:
            if not self.connection.session.autocommit:
                raise SqlError(ERROR, "Safety level may not be changed inside a transaction")
            if not self._is_temporary(database):
                # Level 8 wraps around to 0, which SQLite takes for OFF.
                level = (safety_level(value, True, 1) + 1) & 7
                database.synchronous = max(level, 1) - 1
        if self._is_temporary(database):
            return 0
        return database.synchronous

    def journal_mode(self, database: DatabaseLike, value: str | None) -> Value:
        """Without a schema name: of all databases; the answer is that of main."""
        if value is not None:
            for other in reversed(self.connection.session.databases[1:]):
                if other is not None:
                    self.journal_mode_of(other, value)
        return self.journal_mode_of(database, value)

    def journal_mode_of(self, database: DatabaseLike, value: str | None) -> Value:
        """Of one database. Into WAL mode and out of it only while nothing else is going on."""
        mode = "" if value is None else named_mode(value)
        if mode == "off" and self.connection.settings.defensive:
            mode = ""
        if self._is_temporary(database):
            is_in_memory = self.remembered["temp_store"] == TEMP_STORES["memory"]
            if mode in ("memory", "off") or (mode not in ("", "wal") and not is_in_memory):
                self.temporary_journal = mode
                database.journal_mode = "off" if mode == "off" else "memory"
            return self.temporary_journal
        if mode:
            if database.path == "" and mode == "wal":
                return database.journal_mode
            current = self._journal_mode_of_file(database)
            if mode != current:
                connection = self.connection
                if "wal" in (mode, current) and (not connection.session.autocommit or connection.running_count > 1):
                    way = "into" if mode == "wal" else "out of"
                    raise SqlError(ERROR, f"cannot change {way} wal mode from within a transaction")
                if database.transaction_state == 2 and not connection.session.autocommit:
                    return current
                database.journal_mode = mode
        return self._journal_mode_of_file(database)

    def _journal_mode_of_file(self, database: DatabaseLike) -> str:
        """The mode; that it is "wal" stands in the file, which has to be read for it."""
        was_idle = database.transaction_state == 0
        if was_idle and database.journal_mode == "wal":
            return "wal"
        was_read = database.was_read
        try:
            database.begin_read()
        except SqlError as error:
            # SQLite looks into a file that another holds only where it does not know the schema.
            if error.primary_code != BUSY or not was_read:
                raise
            return database.journal_mode
        try:
            return database.journal_mode
        finally:
            if was_idle and database.transaction_state == 1:
                database.end_read()

    def journal_size_limit(self, database: DatabaseLike, value: str | None) -> Value:
        if value is not None:
            database.journal_size_limit = max(-1, leading_integer(value))
        return database.journal_size_limit

    def wal_checkpoint(self, database: DatabaseLike, value: str | None) -> Value:
        """Of all databases; how far it came is told of main."""
        others = [other for other in self.connection.session.databases[1:] if other is not None]
        is_busy = self.wal_checkpoint_of(database, value)
        counts = self.checkpointed
        for other in others:
            if self.wal_checkpoint_of(other, value):
                is_busy = 1
        self.checkpointed = counts
        return is_busy

    def wal_checkpoint_of(self, database: DatabaseLike, value: str | None) -> Value:
        """Of one database; 1 if something was in the way."""
        if database.transaction_state != 0 and not self.connection.session.autocommit:
            raise SqlError(LOCKED, MESSAGES[LOCKED])
        is_busy, frames, done = database.checkpoint(CHECKPOINT_MODES.get((value or "").lower(), 0))
        self.checkpointed = frames, done
        return is_busy

    def checkpoint_frames(self, database: DatabaseLike, value: str | None) -> Value:
        return self.checkpointed[0]

    def checkpoint_done(self, database: DatabaseLike, value: str | None) -> Value:
        return self.checkpointed[1]

    def wal_autocheckpoint(self, database: DatabaseLike, value: str | None) -> Value:
        """Of the connection: takes the place of a hook; 0 where there is one."""
        session = self.connection.session
        if value is not None:
            session.wal_autocheckpoint = max(0, integer_32(value) or 0)
        return session.wal_autocheckpoint

    def encoding(self, database: DatabaseLike, value: str | None) -> Value:
        settings = self.connection.settings
        catalog = self.connection.catalog()
        if value is not None:
            number = ENCODINGS.get(value.lower())
            if not catalog.schema(0).is_encoding_settled and not self.connection.is_encoding_settled:
                if number is None:
                    raise SqlError(ERROR, "unsupported encoding: " + value)
                settings.encoding = number
                self.connection.set_text_encoding(number)
            return None
        return ENCODING_NAMES[catalog.text_encoding]

    def auto_vacuum(self, database: DatabaseLike, value: str | None) -> Value:
        if value is not None:
            self._set_auto_vacuum(database, value)
            return None
        was_idle = database.transaction_state == 0
        database.begin_read()
        try:
            if database.page_count == 0:
                return database.wanted_auto_vacuum
            if database.get_meta(META_LARGEST_ROOT) == 0:
                return 0
            return 2 if database.get_meta(META_INCREMENTAL_VACUUM) else 1
        finally:
            if was_idle:
                database.end_read()

    def _set_auto_vacuum(self, database: DatabaseLike, value: str) -> None:
        """What VACUUM will do; an empty database gets its first page at once, another one, or one whose first page was
        undone, may change the kind."""
        mode = AUTO_VACUUM_MODES.get(value.lower())
        if mode is None:
            number = integer_32(value)
            mode = number if number in (1, 2) else 0
        connection = self.connection
        connection.next_auto_vacuum = mode
        if mode == 0:
            return
        state = database.transaction_state
        database.begin_read()
        is_empty = database.page_count == 0
        is_kept = database.wanted_auto_vacuum if is_empty else database.get_meta(META_LARGEST_ROOT)
        if state == 0:
            database.end_read()
        if not is_kept and not (is_empty and not database.is_format_fixed):
            return
        if is_empty:
            database.wanted_auto_vacuum = mode
        database.begin_write()
        database.set_meta(META_INCREMENTAL_VACUUM, mode - 1)
        if connection.session.autocommit and state != 2:
            database.commit()

    def busy_timeout(self, database: DatabaseLike, value: str | None) -> Value:
        if value is not None:
            milliseconds = integer_32(value)
            if milliseconds is not None:
                self.connection.set_busy_timeout(milliseconds)
        return self.connection.busy_timeout

    def case_sensitive_like(self, database: DatabaseLike, value: str | None) -> Value:
        """Takes the place of like(), also of one that the user has defined."""
        is_wanted = value is not None and as_switch(value)
        self.connection.settings.case_sensitive_like = is_wanted
        self.connection.set_case_sensitive_like(is_wanted)
        return None

    def set_locking_mode(self, database: DatabaseLike, value: str | None) -> Value:
        """Of all databases: those attached later begin with it."""
        wanted = "" if value is None else value.lower()
        if wanted not in ("normal", "exclusive"):
            return self.locking_mode
        self.locking_mode = wanted
        for other in self.connection.session.databases[2:]:
            if other is not None:
                self.locking_mode_of(other, wanted)
        return self.locking_mode_of(database, wanted)

    def locking_mode_of(self, database: DatabaseLike, value: str | None) -> Value:
        """Of one database. What has no file of its own is held exclusively, whatever is asked."""
        if database.path == "":
            return "exclusive"
        if value is not None and value.lower() in ("normal", "exclusive"):
            database.keeps_locks = value.lower() == "exclusive"
        return "exclusive" if database.keeps_locks else "normal"


HANDLERS: dict[str, Setter] = {
    "page_size": PragmaSettings.page_size,
    "page_count": PragmaSettings.page_count,
    "max_page_count": PragmaSettings.max_page_count,
    "cache_size": PragmaSettings.cache_size,
    "synchronous": PragmaSettings.synchronous,
    "cache_spill": PragmaSettings.cache_spill,
    "secure_delete": PragmaSettings.secure_delete,
    "secure_delete of": PragmaSettings.secure_delete_of,
    "mmap_size": PragmaSettings.mmap_size,
    "mmap_size of": PragmaSettings.mmap_size_of,
    "shrink_memory": PragmaSettings.shrink_memory,
    "journal_mode": PragmaSettings.journal_mode,
    "journal_mode of": PragmaSettings.journal_mode_of,
    "wal_autocheckpoint": PragmaSettings.wal_autocheckpoint,
    "wal_checkpoint": PragmaSettings.wal_checkpoint,
    "wal_checkpoint of": PragmaSettings.wal_checkpoint_of,
    "wal_checkpoint frames": PragmaSettings.checkpoint_frames,
    "wal_checkpoint done": PragmaSettings.checkpoint_done,
    "journal_size_limit": PragmaSettings.journal_size_limit,
    "encoding": PragmaSettings.encoding,
    "auto_vacuum": PragmaSettings.auto_vacuum,
    "temp_store_directory": PragmaSettings.temp_store_directory,
    "soft_heap_limit": PragmaSettings.soft_heap_limit,
    "hard_heap_limit": PragmaSettings.hard_heap_limit,
    "busy_timeout": PragmaSettings.busy_timeout,
    "locking_mode": PragmaSettings.set_locking_mode,
    "locking_mode of": PragmaSettings.locking_mode_of,
    "case_sensitive_like": PragmaSettings.case_sensitive_like,
}
