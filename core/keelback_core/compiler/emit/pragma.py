"""PRAGMA: rows from the catalog, header values, settings of the connection, checks.

Which pragma is answered how stands in core/spec/pragmas.toml. Unknown pragmas do nothing.

Source: https://sqlite.org/pragma.html
"""

from __future__ import annotations

from keelback_core.compiler.catalog.actions import ACTION_PRAGMA
from keelback_core.compiler.catalog.model import fold_name
from keelback_core.compiler.emit.analyze import TEMPORARY
from keelback_core.compiler.emit.foreign_key_check import emit_foreign_key_check
from keelback_core.compiler.emit.integrity_check import emit_integrity_check
from keelback_core.compiler.emit.optimize import emit_optimize
from keelback_core.compiler.emit.pragma_catalog import CATALOG_PRAGMAS
from keelback_core.compiler.emit.pragma_numbers import integer_32
from keelback_core.compiler.emit.pragma_table import PRAGMAS
from keelback_core.compiler.emit.values import emit_value_rows
from keelback_core.compiler.sql.token_error import TokenError
from keelback_core.program.opcodes import (
    OP_ADD_IMM,
    OP_HALT,
    OP_IF_POS,
    OP_INCR_VACUUM,
    OP_INTEGER,
    OP_IS_NULL,
    OP_PRAGMA_CALL,
    OP_READ_COOKIE,
    OP_RESULT_ROW,
    OP_SET_COOKIE,
    OP_STRING8,
    OP_TRANSACTION,
)
from keelback_core.program.program import OutputColumn
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import MESSAGES, NOTFOUND, OK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from keelback_core.compiler.emit.statement_context import StatementContext
    from keelback_core.compiler.sql.ast import AstPragma

META_SCHEMA_COOKIE: Final = 1
# Pragmas that SQLite does not count as read-only even without a value.
NOT_READONLY: Final = frozenset(("journal_mode", "wal_checkpoint", "incremental_vacuum"))
# These have a column and no rows.
# Settings of each database, which without a schema name are set for all; with one they are asked for as "name of".
OF_ALL_DATABASES: Final = frozenset(("journal_mode", "locking_mode", "mmap_size", "secure_delete", "wal_checkpoint"))
# Without a value these do nothing; with one they give no rows.
NEEDS_ARGUMENT: Final = frozenset(
    ("table_info", "table_xinfo", "column_metadata", "index_list", "index_info", "index_xinfo", "foreign_key_list")
)


def pragma_needs_schema(ast: AstPragma) -> bool:
    """Whether the schema must be loaded to compile it."""
    entry = PRAGMAS.get(fold_name(ast.name))
    return entry is not None and entry[2]


def _leading_number(ast: AstPragma, context: StatementContext) -> int | None:
    """The number that the value as written begins with, a sign aside; None if it is quoted, a word or too large."""
    place = None if ast.parts is None else ast.parts.head_tokens.get("value")
    written = ast.value or "" if place is None else context.bind_context.sql[place[0] : place[1]]
    if written[:2].lower() == "0x":
        return integer_32(written)
    digits = written[: len(written) - len(written.lstrip("0123456789"))]
    return int(digits) if digits and int(digits) <= 0x7FFFFFFF else None


def emit_pragma(context: StatementContext, ast: AstPragma) -> None:
    """The program of a PRAGMA."""
    catalog, builder = context.catalog, context.builder
    database = 0
    if ast.schema is not None:
        number = catalog.database_number(ast.schema)
        if number is None:
            raise TokenError("unknown database ", "schema", ast.schema)
        database = number
    name = fold_name(ast.name)
    if catalog.authorizer is not None:
        schema_name = None if ast.schema is None else catalog.schema_name(database)
        if not catalog.authorize(ACTION_PRAGMA, ast.name, ast.value, schema_name):
            builder.emit(OP_HALT)
            return
    if catalog.settings.file_pragma is not None and _answer_by_file(context, ast, database):
        builder.emit(OP_HALT)
        return
    entry = PRAGMAS.get(name)
    if database == TEMPORARY and (entry is None or entry[0] not in ("setting", "meta")):
        # Naming temp opens it; settings do so where they are asked.
        _begin(context, TEMPORARY, False, False)
    if entry is not None:
        kind, columns, needs_schema, reads, answers_set, meta, is_writable = entry
        if reads:
            _begin(context, database, False, needs_schema)
        if name in NOT_READONLY:
            context.is_readonly = False
        if kind == "catalog":
            _set_output(context, columns)
            given = -1 if ast.schema is None else database
            if not (name in NEEDS_ARGUMENT and ast.value is None):
                emit_value_rows(builder, CATALOG_PRAGMAS[name](context, ast.value, given))
        elif kind == "meta":
            _emit_meta(context, name, ast.value, database, meta, is_writable)
        elif kind == "check":
            _set_output(context, columns)
            emit_integrity_check(
                context,
                name == "quick_check",
                ast.value,
                database,
                ast.schema is not None,
                _leading_number(ast, context),
            )
        elif kind == "keys":
            _set_output(context, columns)
            emit_foreign_key_check(context, ast.value, -1 if ast.schema is None else database)
        elif kind == "setting":
            is_checkpoint = name == "wal_checkpoint"
            if name in OF_ALL_DATABASES and ast.schema is not None:
                name += " of"
            if is_checkpoint:
                _emit_checkpoint(context, name, columns, ast.value, database)
            else:
                _emit_setting(context, name, columns, ast.value, database, answers_set)
        elif name == "incremental_vacuum":
            _emit_incremental_vacuum(context, ast.value, database)
        elif name == "optimize":
            _set_output(context, columns)
            emit_optimize(context, ast.value, -1 if ast.schema is None else database)
        elif name == "shrink_memory":
            _emit_call(context, name, None, 0)
        elif name == "case_sensitive_like" and ast.value is not None:
            _emit_call(context, name, ast.value, 0)
    builder.emit(OP_HALT)


def _answer_by_file(context: StatementContext, ast: AstPragma, database: int) -> bool:
    """Whether the file of the database has answered (SQLITE_FCNTL_PRAGMA); its text, if any, is the row then."""
    ask = context.catalog.settings.file_pragma
    assert ask is not None
    code, text = ask(database, ast.name, ast.value)
    if code == NOTFOUND:
        return False
    if code != OK:
        raise SqlError(code, text if text is not None else MESSAGES.get(code & 0xFF, "unknown error"))
    if text is not None:
        builder = context.builder
        _set_output(context, (text,))
        register = builder.register()
        builder.emit(OP_STRING8, 0, register, 0, text)
        builder.emit(OP_RESULT_ROW, register, 1)
    return True


def _begin(context: StatementContext, database: int, is_write: bool, needs_schema: bool) -> None:
    """Begin a transaction; without the schema there is no cookie to hold it against."""
    if needs_schema:
        context.need_read(database)
        return
    context.builder.emit(OP_TRANSACTION, database, 1 if is_write else 0)
    if is_write:
        context.is_readonly = False


def _set_output(context: StatementContext, columns: tuple[str, ...]) -> None:
    context.output = tuple(OutputColumn(column) for column in columns)


def _emit_incremental_vacuum(context: StatementContext, value: str | None, database: int) -> None:
    """Give free pages back; as in SQLite an empty row for each of them."""
    builder = context.builder
    limit = integer_32(value) if value is not None else None
    context.need_write(database)
    count = builder.register()
    done = builder.label()
    builder.emit(OP_INTEGER, limit if limit is not None and limit > 0 else 0x7FFFFFFF, count)
    builder.emit(OP_INCR_VACUUM, database, done, count)
    top = builder.address
    builder.emit(OP_RESULT_ROW, count, 0)
    builder.emit(OP_ADD_IMM, count, -1)
    builder.emit(OP_IF_POS, count, top, 0)
    builder.place(done)


def _emit_meta(
    context: StatementContext, name: str, value: str | None, database: int, meta: int, is_writable: bool
) -> None:
    builder = context.builder
    if value is not None and is_writable:
        if meta == META_SCHEMA_COOKIE and context.catalog.settings.defensive:
            return
        _begin(context, database, True, False)
        number = integer_32(value) or 0
        builder.emit(OP_SET_COOKIE, database, meta, number, None, 1 if meta == META_SCHEMA_COOKIE else 0)
        return
    _begin(context, database, False, False)
    _set_output(context, (name,))
    register = builder.register()
    builder.emit(OP_READ_COOKIE, database, register, meta)
    builder.emit(OP_RESULT_ROW, register, 1)


def _emit_call(context: StatementContext, name: str, value: str | None, database: int, answer: int = 0) -> int:
    """Ask the connection; the register of the answer, a new one unless it is given."""
    builder = context.builder
    answer = answer or builder.register()
    argument = builder.register()
    if value is None:
        builder.emit(OP_PRAGMA_CALL, database, argument, answer, name, 0)
    else:
        builder.emit(OP_STRING8, 0, argument, 0, value)
        builder.emit(OP_PRAGMA_CALL, database, argument, answer, name, 1)
    return answer


def _emit_checkpoint(
    context: StatementContext, name: str, columns: tuple[str, ...], value: str | None, database: int
) -> None:
    """The first call does it and says whether something was in the way; the others tell how far it came."""
    builder = context.builder
    row = builder.registers(len(columns))
    _emit_call(context, name, value or "passive", database, row)
    _emit_call(context, "wal_checkpoint frames", None, database, row + 1)
    _emit_call(context, "wal_checkpoint done", None, database, row + 2)
    _set_output(context, columns)
    builder.emit(OP_RESULT_ROW, row, len(columns))


def _emit_setting(
    context: StatementContext, name: str, columns: tuple[str, ...], value: str | None, database: int, answers_set: bool
) -> None:
    builder = context.builder
    if name == "page_count":
        value = None
    answer = _emit_call(context, name, value, database)
    if value is None or answers_set:
        _set_output(context, columns)
        without_row = builder.label()
        if name.startswith("mmap_size") or name == "temp_store_directory":
            # Of a database without a file; while no folder is set.
            builder.emit(OP_IS_NULL, answer, without_row)
        builder.emit(OP_RESULT_ROW, answer, 1)
        builder.place(without_row)
