"""Table-valued functions: the modules whose rows may stand in FROM, as tables with hidden columns for the arguments.

A module is found under its name when no table has it. Its rows are asked for at run time (`Host.module_rows`), with the
values that equations give to its hidden columns; the arguments of a call are such equations.

Must not know: how rows are made. Source: https://sqlite.org/vtab.html#tabfunc2, pragma.html#pragfunc
"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import Column, Table, fold_name

_PRAGMA = "pragma_"
_BOTH = ("arg", "schema")
_SCHEMA = ("schema",)

# Pragmas that give rows: their columns (empty: one, of the pragma's name) and hidden columns.
_PRAGMAS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "table_info": (("cid", "name", "type", "notnull", "dflt_value", "pk"), _BOTH),
    "table_xinfo": (("cid", "name", "type", "notnull", "dflt_value", "pk", "hidden"), _BOTH),
    "table_list": (("schema", "name", "type", "ncol", "wr", "strict"), ("arg",)),
    "index_list": (("seq", "name", "unique", "origin", "partial"), _BOTH),
    "index_info": (("seqno", "cid", "name"), _BOTH),
    "index_xinfo": (("seqno", "cid", "name", "desc", "coll", "key"), _BOTH),
    "foreign_key_list": (("id", "seq", "table", "from", "to", "on_update", "on_delete", "match"), _BOTH),
    "foreign_key_check": (("table", "rowid", "parent", "fkid"), _BOTH),
    "database_list": (("seq", "name", "file"), ()),
    "collation_list": (("seq", "name"), ()),
    "function_list": (("name", "builtin", "type", "enc", "narg", "flags"), ()),
    "pragma_list": (("name",), ()),
    "module_list": (("name",), ()),
    "compile_options": ((), ()),
    "busy_timeout": (("timeout",), ()),
    "integrity_check": ((), _BOTH),
    "quick_check": ((), _BOTH),
    "optimize": ((), ("arg",)),
    **dict.fromkeys(
        (
            "auto_vacuum cache_size cache_spill journal_mode journal_size_limit locking_mode max_page_count "
            "page_count page_size synchronous"
        ).split(),
        ((), _SCHEMA),
    ),
    **dict.fromkeys(
        (
            "analysis_limit application_id automatic_index cell_size_check checkpoint_fullfsync count_changes "
            "data_version defer_foreign_keys empty_result_callbacks encoding foreign_keys freelist_count "
            "full_column_names fullfsync hard_heap_limit ignore_check_constraints legacy_alter_table query_only "
            "read_uncommitted recursive_triggers reverse_unordered_selects schema_version secure_delete "
            "short_column_names soft_heap_limit temp_store threads trusted_schema user_version writable_schema"
        ).split(),
        ((), ()),
    ),
}


def module_table(name: str) -> Table | None:
    """The table that a module's rows make, None if there is no module of this name."""
    key = fold_name(name)
    entry = _PRAGMAS.get(key[len(_PRAGMA) :]) if key.startswith(_PRAGMA) else None
    if entry is None:
        return None
    columns, hidden = entry
    visible = [Column(column, "", "A") for column in columns or (key[len(_PRAGMA) :],)]
    arguments = [Column(column, "", "A", is_hidden=True) for column in hidden]
    return Table("module", key, 0, 0, (*visible, *arguments))


def hidden_columns(table: Table) -> list[int]:
    """The numbers of the columns that stand for arguments."""
    return [number for number, column in enumerate(table.columns) if column.is_hidden]
