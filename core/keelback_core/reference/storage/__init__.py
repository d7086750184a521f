"""Room: reference/storage. SQLite's file format; `Database` is the door to cursors, b-trees, the pager and its journal.

From above: database > cursor, table_cursor, index_cursor > balance > overflow, freelist > pager > journal, recovery,
savepoint, wal > vfs > locks. `page` and `cell` know bytes only; `check`, `pointer_map` and `relocate` stand beside.
"""
