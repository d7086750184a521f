"""Random databases in files: attached and detached, in and out of transactions, written together with main, copied by
VACUUM INTO, in every journal mode and page size, and read by triggers and views of temp.

`@folder@` stands for a folder that each side has for itself. The names here: the schemas `l1`, `l2`, the tables
`l0`, the views and triggers `lv`, `lt`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tools.comparing.statements import StatementGenerator

SCHEMAS = ("l1", "l2")
JOURNAL_MODES = ("delete", "truncate", "persist", "wal", "wal", "memory", "off")
FILES = ("one.db", "two.db", "copy.db")


def setup(generator: StatementGenerator) -> list[str]:
    """What the statements here need; to run at the beginning."""
    return [
        f"CREATE TABLE l0(id INTEGER PRIMARY KEY, v{generator.rng.choice(['', ' UNIQUE', ' TEXT COLLATE NOCASE'])})",
        "ATTACH '@folder@/one.db' AS l1",
        "CREATE TABLE l1.l0(id INTEGER PRIMARY KEY, v)",
        "CREATE INDEX l1.li ON l0(v)",
        "INSERT INTO l1.l0(v) VALUES ('a'), (2), (NULL)",
        "INSERT INTO main.l0(v) VALUES ('m'), (4)",
        "ATTACH '@folder@/two.db' AS l2",
        # Here only: in a transaction that has written nothing SQLite changes most modes, we do not.
        f"PRAGMA l1.journal_mode = {generator.rng.choice(JOURNAL_MODES)}",
    ]


def _place(generator: StatementGenerator) -> str:
    return generator.rng.choice(["l0", "main.l0", "l1.l0", "l1.l0", "l2.l0", "l2.l0", "temp.l0"])


def _filesystem(generator: StatementGenerator) -> str:
    rng = generator.rng
    schema, file = rng.choice(SCHEMAS), rng.choice(FILES)
    return rng.choice(
        [
            f"ATTACH '@folder@/{file}' AS {schema}",
            f"ATTACH 'file:@folder@/{file}' AS {schema}",
            f"ATTACH {rng.choice([repr(':memory:'), repr('')])} AS {schema}",
            f"DETACH {schema}",
            f"DETACH DATABASE {schema}",
            f"DETACH {rng.choice(['main', 'temp', 'nosuch'])}",
            f"ATTACH ':memory:' AS {rng.choice(['main', 'temp', 'l1'])}",
            f"VACUUM {rng.choice(['', 'l1 ', 'l2 ', 'main '])}INTO '@folder@/{file}'",
            f"VACUUM {schema}",
            f"PRAGMA {schema}.journal_mode",
            f"PRAGMA {schema}.page_size = {rng.choice([512, 1024, 8192])}",
            f"PRAGMA {schema}.page_size",
            f"PRAGMA {schema}.auto_vacuum = {rng.choice(['none', 'full', 'incremental'])}",
            f"PRAGMA {schema}.auto_vacuum",
            f"PRAGMA {schema}.incremental_vacuum({rng.randint(0, 3)})",
            f"PRAGMA {schema}.wal_checkpoint({rng.choice(['passive', 'full', 'truncate'])})",
            f"PRAGMA {schema}.locking_mode",
            f"PRAGMA {schema}.integrity_check",
            f"PRAGMA {schema}.user_version = {rng.randint(0, 5)}",
            f"PRAGMA {schema}.user_version",
            f"PRAGMA {schema}.encoding",
            f"PRAGMA {schema}.application_id = 77",
            f"PRAGMA {schema}.schema_version",
            f"PRAGMA {schema}.quick_check(l0)",
            f"PRAGMA {schema}.foreign_key_check",
        ]
    )


def _objects(generator: StatementGenerator) -> str:
    rng = generator.rng
    schema = rng.choice([*SCHEMAS, "main", "temp"])
    other = rng.choice(SCHEMAS)
    return rng.choice(
        [
            f"CREATE TABLE {schema}.l0(id INTEGER PRIMARY KEY, v{rng.choice([' DEFAULT 3', ''])}, w)",
            f"CREATE TABLE IF NOT EXISTS {schema}.l0(id PRIMARY KEY, v) WITHOUT ROWID",
            f"CREATE TABLE {schema}.lx AS SELECT * FROM {_place(generator)}",
            f"DROP TABLE IF EXISTS {schema}.lx",
            f"DROP TABLE {schema}.l0" if rng.random() < 0.3 else f"DROP INDEX IF EXISTS {schema}.li",
            f"CREATE INDEX {schema}.li ON l0(v)",
            f"CREATE TEMP VIEW IF NOT EXISTS lv AS SELECT a.id, b.v FROM {schema}.l0 a LEFT JOIN {other}.l0 b"
            " USING (id)",
            f"CREATE VIEW {schema}.lw_{schema} AS SELECT v FROM {rng.choice(['', schema + '.', other + '.'])}l0",
            f"DROP VIEW IF EXISTS {rng.choice(['lv', schema + '.lw_' + schema])}",
            f"CREATE TEMP TRIGGER IF NOT EXISTS lt AFTER INSERT ON {schema}.l0 BEGIN"
            f" INSERT OR IGNORE INTO {other}.l0(v) VALUES (new.v || 't'); END",
            f"CREATE TRIGGER {schema}.lu AFTER INSERT ON l0 BEGIN DELETE FROM l0 WHERE id = new.id - 9; END",
            f"CREATE TRIGGER {schema}.lq AFTER INSERT ON l0 BEGIN DELETE FROM {other}.l0 WHERE 1; END",
            f"DROP TRIGGER IF EXISTS {rng.choice(['lt', schema + '.lu'])}",
            f"ALTER TABLE {schema}.lx RENAME TO ly",
            f"ALTER TABLE {schema}.ly RENAME TO lx",
            f"ALTER TABLE {schema}.lx ADD COLUMN z{rng.randint(0, 2)}",
            f"REINDEX {schema}.l0",
            f"ANALYZE {schema}",
        ]
    )


def statement(generator: StatementGenerator) -> str:
    """Any statement of this module."""
    rng = generator.rng
    pick = rng.random()
    number, value = rng.randint(1, 9), generator.literal()
    if pick < 0.3:
        return _filesystem(generator)
    if pick < 0.45:
        return _objects(generator)
    if pick < 0.57:
        return rng.choice(
            ["BEGIN", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "COMMIT", "COMMIT", "ROLLBACK", "SAVEPOINT l", "RELEASE l"]
        )
    if pick < 0.8:
        returning = rng.choice(["", "", " RETURNING *"])
        return rng.choice(
            [
                f"INSERT INTO {_place(generator)}(v) VALUES ({value}), ({number}){returning}",
                f"INSERT OR REPLACE INTO {_place(generator)}(id, v) VALUES ({number}, {value}){returning}",
                f"INSERT INTO {_place(generator)}(v) SELECT v FROM {_place(generator)} ORDER BY id LIMIT 3",
                f"UPDATE {_place(generator)} SET v = {value} WHERE id = {number}{returning}",
                f"UPDATE {_place(generator)} SET v = (SELECT max(v) FROM {_place(generator)}) WHERE id > {number}",
                f"DELETE FROM {_place(generator)} WHERE id = {number}{returning}",
                f"DELETE FROM {_place(generator)} WHERE v IN (SELECT v FROM {_place(generator)})",
            ]
        )
    return rng.choice(
        [
            f"SELECT * FROM {_place(generator)} ORDER BY id",
            f"SELECT a.id, b.id FROM {_place(generator)} a JOIN {_place(generator)} b ON a.v = b.v ORDER BY 1, 2",
            f"SELECT id, v FROM {_place(generator)} EXCEPT SELECT id, v FROM {_place(generator)} ORDER BY 1",
            "SELECT * FROM lv ORDER BY 1, 2",
            f"SELECT * FROM lw_{rng.choice(SCHEMAS)} ORDER BY 1",
            "SELECT seq, name FROM pragma_database_list WHERE name <> 'temp' ORDER BY seq",
            f"SELECT type, name, tbl_name, sql FROM {rng.choice(SCHEMAS)}.sqlite_schema ORDER BY 1, 2",
            "SELECT schema, name, type FROM pragma_table_list WHERE name LIKE 'l%' ORDER BY 1, 2",
            "SELECT main.l0.v, l1.l0.v FROM main.l0, l1.l0 ORDER BY 1, 2",
        ]
    )
