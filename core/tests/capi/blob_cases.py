"""The programs of test_blob_handles.py by what they are about, in the language of blob_programs.py.

Every program finds SCHEMA in its database. Rows 1 to 4 of t: a short blob, one of 10,000 bytes, a text, none. What
stands before a colon in a name is how the database is made: see FORMATS.
"""

FORMATS = {"UTF-16": "PRAGMA encoding = 'UTF-16le'", "512": "PRAGMA page_size = 512; PRAGMA auto_vacuum = FULL"}

SCHEMA = """
CREATE TABLE t(id INTEGER PRIMARY KEY, n, x, y);
INSERT INTO t VALUES (1, 10, x'000102030405060708090a0b0c0d0e0f', 'one');
INSERT INTO t VALUES (2, 20, CAST(printf('%.*c', 10000, 'q') AS BLOB), zeroblob(9000));
INSERT INTO t VALUES (3, 30, 'some text', 1.5);
INSERT INTO t VALUES (4, 40, NULL, 7);
CREATE TABLE u(k PRIMARY KEY, p REFERENCES u, b, e) ;
CREATE INDEX ub ON u(b);
INSERT INTO u VALUES ('k', NULL, x'0102', x'0304');
CREATE TABLE expressions(a, b); CREATE INDEX ie ON expressions(lower(a)); INSERT INTO expressions VALUES('a', 'b');
CREATE TABLE part(a, b); CREATE INDEX pi ON part(a) WHERE b > 'c'; INSERT INTO part VALUES('a', 'bbb');
CREATE TABLE w(a PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO w VALUES (1, x'00');
CREATE VIEW v AS SELECT x FROM t;
CREATE TABLE logged(what);
CREATE TRIGGER tu AFTER UPDATE ON t BEGIN INSERT INTO logged VALUES (new.id); END;
"""

CASES = {
    "short values are read in pieces": """
h = a main t x 1 r
h bytes
h read 0 16
h read 3 4
h read 16 0
h read 15 2
h read -1 2
h read 0 -1
h read 17 0
h read 2147483647 2147483647
h write 0 ff
h close""",
    "long values are read anywhere": """
h = a main t x 2 r
h read 9999 1
h read 0 10000
h read 4000 300
h read 8000 2000
h read 1 5000
h reopen 1
h read 0 16
h reopen 2
h read 5000 10""",
    "no schema is any schema": """
a> CREATE TEMP TABLE t(z); INSERT INTO temp.t VALUES (x'aabb')
h = a - t z 1 r
h read 0 2
i = a - u e 1 r
i read 0 2
j = a - w a 1 r
k = a - absent a 1 r
l = a absent t x 1 r
m = a main absent x 1 r""",
    "what cannot be opened": """
h = a main w b 1 r
h = a main v x 1 r
h = a main t x 9 r
h = a main t x 4 r
h = a main t y 3 r
h = a main t y 4 r
h = a main t id 1 r
h = a main t rowid 1 r
h = a main t nosuch 1 r
h = a main T X 1 r
h close
h = a main json_each key 1 r
h = a main sqlite_master sql 1 r
h bytes
h close
h = a main sqlite_schema sql 1 w
h close
h = a MAIN t x 1 w
h close""",
    "columns that keys and indexes hold are not opened for writing": """
h = a main u b 1 w
h = a main u b 1 r
h close
h = a main u k 1 w
h = a main u p 1 w
a> PRAGMA foreign_keys = ON
h = a main u p 1 w
h = a main u e 1 w
h close
h = a main u k 1 r
h close
h = a main expressions b 1 w
h = a main expressions a 1 w
h = a main part b 1 w
h close
h = a main part a 1 w""",
    "writing changes bytes and nothing else": """
a> INSERT INTO logged VALUES ('before')
h = a main t x 1 w
h write 0 ffee
h write 14 1234
h write 15 5678
h write 16 56
h write -1 56
h read 0 16
a> SELECT hex(x) FROM t WHERE id = 1
h close
a> SELECT hex(x) FROM t WHERE id = 1; SELECT * FROM logged; PRAGMA integrity_check""",
    "writing along an overflow chain": """
h = a main t x 2 w
h write 0 01
h write 3000 0203 500
h write 9999 04
h write 9999 0405
h read 0 10000
h reopen 1
h write 3 aabb
h close
a> SELECT x FROM t WHERE id = 2; SELECT hex(x) FROM t WHERE id = 1; PRAGMA integrity_check""",
    "a text is bytes": """
h = a main t x 3 w
h bytes
h read 0 9
h write 0 53
h close
a> SELECT x, typeof(x) FROM t WHERE id = 3""",
    "two columns behind one another": """
h = a main t y 2 w
i = a main t x 2 r
h write 0 aa 9000
i read 0 10000
h read 8990 10
i close
h close
a> SELECT x, y FROM t WHERE id = 2""",
    "reopening finds what cannot be opened": """
h = a main t x 1 r
h reopen 9
h bytes
h read 0 1
h read 0 20
h reopen 1
h close
h = a main t x 1 r
h reopen 4
h bytes
h reopen 1
h read 0 1
h close""",
    "an update of the row expires the handle": """
h = a main t x 1 r
a> UPDATE t SET n = n + 1 WHERE id = 2
h read 0 2
a> UPDATE t SET n = n + 1 WHERE id = 1
h read 0 2
h bytes
h read 0 20
h reopen 1
h close""",
    "a delete of the row expires the handle": """
h = a main t x 2 r
a> DELETE FROM t WHERE id = 1
h read 0 2
a> DELETE FROM t WHERE id = 2
h read 0 2
h bytes
h close""",
    "deleting all rows expires the handle": """
h = a main t x 2 r
a> DELETE FROM logged
h read 0 2
a> DROP TRIGGER tu
a> DELETE FROM t
h read 0 2
h bytes""",
    "replacing the row expires the handle": """
h = a main t x 1 w
h write 0 ff
a> REPLACE INTO t VALUES (1, 1, x'000102', 1)
h write 0 aa
h bytes
h close
a> SELECT hex(x) FROM t WHERE id = 1""",
    "inserting beside the row does not expire the handle": """
h = a main t x 1 w
a> INSERT INTO t SELECT value, 1, zeroblob(300), 'y' FROM json_each('[5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]')
h write 0 aa
h read 0 2
a> INSERT OR REPLACE INTO t VALUES (5, 1, 2, 3)
h read 0 2
h close""",
    "a write transaction stays open as long as the handle": """
h = a main t x 1 w
b> SELECT count(*) FROM t
b> UPDATE logged SET what = 1
h write 0 ff
b> SELECT hex(x) FROM t WHERE id = 1
a> BEGIN; INSERT INTO logged VALUES (1)
a> COMMIT
h close
a> COMMIT
b> SELECT hex(x) FROM t WHERE id = 1; SELECT * FROM logged""",
    "other statements do not commit what the handle has written": """
h = a main t x 1 w
h write 0 ff
a> INSERT INTO logged VALUES (2)
b> SELECT hex(x), (SELECT count(*) FROM logged) FROM t WHERE id = 1
h close
b> SELECT hex(x), (SELECT count(*) FROM logged) FROM t WHERE id = 1""",
    "a read transaction stays open as long as the handle": """
h = a main t x 1 r
b> UPDATE logged SET what = 1
b> INSERT INTO logged VALUES (2)
h read 0 1
a> COMMIT
h close
b> INSERT INTO logged VALUES (2)
a> SELECT count(*) FROM logged""",
    "a reader in WAL mode goes on seeing its snapshot": """
a> PRAGMA journal_mode = WAL
h = a main t x 2 r
b> UPDATE t SET x = x'aabb' WHERE id = 2
h read 0 4
h reopen 1
h reopen 2
h read 9996 4
a> SELECT length(x) FROM t WHERE id = 2
a> UPDATE logged SET what = 3
h close
a> SELECT length(x) FROM t WHERE id = 2""",
    "writing in WAL mode": """
a> PRAGMA journal_mode = WAL
h = a main t x 2 w
h write 5000 aa 100
b> SELECT hex(substr(x, 5001, 2)) FROM t WHERE id = 2
b> UPDATE logged SET what = 1
h close
b> SELECT hex(substr(x, 5001, 2)) FROM t WHERE id = 2
a> PRAGMA integrity_check""",
    "BEGIN and COMMIT around a writing handle": """
a> BEGIN
h = a main t x 1 w
h write 0 ff
a> COMMIT
h write 1 ff
h close
b> SELECT hex(x) FROM t WHERE id = 1
a> COMMIT
b> SELECT hex(x) FROM t WHERE id = 1""",
    "COMMIT while a reading handle is open": """
a> BEGIN; INSERT INTO logged VALUES (5)
h = a main t x 1 r
a> COMMIT
b> SELECT count(*) FROM logged
h read 0 2
b> INSERT INTO logged VALUES (6)
h close
b> INSERT INTO logged VALUES (6)""",
    "ROLLBACK under a writing handle": """
a> BEGIN
h = a main t x 1 w
h write 0 ff
a> ROLLBACK
h read 0 1
h bytes
h write 0 ee
h read 0 1
h reopen 1
h close
a> SELECT hex(x) FROM t WHERE id = 1""",
    "ROLLBACK under a reading handle": """
a> BEGIN; INSERT INTO logged VALUES (1)
h = a main t x 2 r
h read 0 2
a> ROLLBACK
h read 0 2
h reopen 1
h read 0 2
h close""",
    "ROLLBACK of the row under a reading handle": """
a> BEGIN; UPDATE t SET x = zeroblob(20) WHERE id = 1
h = a main t x 1 r
h read 0 2
a> ROLLBACK
h read 0 2
h close""",
    "ROLLBACK TO under handles": """
a> BEGIN; SAVEPOINT one
h = a main t x 1 w
i = a main t x 2 r
h write 0 ff
a> ROLLBACK TO one
h read 0 2
i read 0 2
h write 0 ee
i close
h close
a> COMMIT; SELECT hex(x) FROM t WHERE id = 1""",
    "RELEASE under handles": """
a> SAVEPOINT one
h = a main t x 1 w
h write 0 ff
a> RELEASE one
h close
a> RELEASE one
a> SELECT hex(x) FROM t WHERE id = 1""",
    "a savepoint opened behind the handle": """
a> BEGIN
h = a main t x 1 w
h write 0 ff
a> SAVEPOINT one
h write 1 ff
a> ROLLBACK TO one
h read 0 2
h close
a> COMMIT; SELECT hex(x) FROM t WHERE id = 1""",
    "DROP and ALTER under a handle": """
h = a main t x 1 r
a> DROP TABLE t
a> ALTER TABLE t ADD COLUMN more
h read 0 2
a> CREATE TABLE another(z)
h read 0 2
h reopen 2
h read 0 2
h close
a> DROP TABLE t""",
    "a schema that another connection has changed": """
a> SELECT 1 FROM t
h = a main t x 1 r
h close
b> DROP TABLE t; CREATE TABLE t(x); INSERT INTO t VALUES (x'0badcafe')
h = a main t x 1 r
h read 0 4""",
    "a table that lost its column": """
h = a main t x 1 r
h close
b> DROP TRIGGER tu; DROP VIEW v; ALTER TABLE t DROP COLUMN x
h = a main t x 1 r
i = a main t y 2 r
i bytes""",
    "attached and temporary databases": """
a> ATTACH ':memory:' AS aux; CREATE TABLE aux.q(z); INSERT INTO aux.q VALUES (zeroblob(5000))
a> CREATE TEMP TABLE q(z); INSERT INTO temp.q VALUES (zeroblob(50))
h = a aux q z 1 w
i = a temp q z 1 w
h write 4990 0102030405
i write 0 99
a> DETACH aux
h read 4989 11
h close
i close
a> SELECT hex(substr(z, 4990)) FROM aux.q; SELECT hex(z) FROM temp.q
a> DETACH aux""",
    "a database that is only read": """
h = r main t x 1 r
h read 0 2
h write 0 ff
h close
h = r main t x 1 w
r> INSERT INTO logged VALUES (1)""",
    "query_only": """
a> PRAGMA query_only = ON
h = a main t x 1 w""",
    "a second connection writes": """
b> BEGIN IMMEDIATE
h = a main t x 1 w
h = a main t x 1 r
h read 0 2
b> COMMIT
h close
h = a main t x 1 w""",
    "a second connection commits": """
b> BEGIN EXCLUSIVE
h = a main t x 1 r
b> COMMIT
h = a main t x 1 r""",
    "handles of two connections on one row": """
h = a main t x 1 r
i = b main t x 1 r
h read 0 1
i read 0 1
j = b main t x 1 w
j write 0 ff
j close
i close
h close
j = b main t x 1 w""",
    "UTF-16: a text is bytes": """
h = a main t x 3 w
h bytes
h read 0 18
h read 2 2
h write 0 5300
h close
a> SELECT x, typeof(x) FROM t WHERE id = 3
h = a main t x 1 r
h bytes""",
    "512: a long chain of small pages": """
h = a main t x 2 w
h read 9990 10
h read 500 8
h write 500 aabb 1000
h read 498 6
h read 2498 6
i = a main t y 2 r
i read 0 9000
a> INSERT INTO t VALUES (60, 1, zeroblob(5000), 2); DELETE FROM t WHERE id IN (3, 4)
h read 2498 6
h reopen 60
h write 4999 ff
h reopen 2
h read 9000 1000
i close
h close
a> SELECT x, y FROM t WHERE id IN (2, 60); PRAGMA integrity_check""",
    "short and long rows beside one another": """
a> INSERT INTO t VALUES (100, randomblob(0), zeroblob(4096), zeroblob(4096))
h = a main t x 100 w
h write 0 0102 2048
i = a main t y 100 w
i write 4095 ff
h read 4090 6
i read 4090 6
h close
i close
a> SELECT x, y FROM t WHERE id = 100; PRAGMA integrity_check""",
    "an empty value": """
a> INSERT INTO t VALUES (50, 1, x'', '')
h = a main t x 50 w
h bytes
h read 0 0
h read 0 1
h write 0 ff
h reopen 1
h bytes
h close
h = a main t y 50 r
h bytes""",
    "a column that was added later": """
a> ALTER TABLE t ADD COLUMN later DEFAULT x'0102'
h = a main t later 1 r
a> SELECT hex(later) FROM t WHERE id = 1""",
    "two handles write the same row": """
h = a main t x 1 w
i = a main t x 1 w
h write 0 aa
i read 0 2
i write 1 bb
h read 0 2
h close
b> UPDATE logged SET what = 0
i close
b> SELECT hex(x) FROM t WHERE id = 1""",
    "a scan meets what a handle writes": """
h = a main t x 1 w
h write 0 aa
a> SELECT id, hex(substr(x, 1, 2)) FROM t
h write 0 bb
a> SELECT id, hex(substr(x, 1, 2)) FROM t
a> UPDATE t SET x = x'cc' WHERE id = 3
h write 0 dd
h close
a> SELECT id, hex(substr(x, 1, 2)) FROM t""",
    "VACUUM and checkpoints under a handle": """
h = a main t x 1 r
a> VACUUM
a> PRAGMA journal_mode = WAL
h read 0 1
h close
a> VACUUM
h = a main t x 2 r
h read 0 4""",
    "incremental vacuum moves an overflow chain under a handle": """
a> PRAGMA auto_vacuum = INCREMENTAL; VACUUM
a> CREATE TABLE big(z); INSERT INTO big VALUES (zeroblob(100000)); CREATE TABLE more(z)
a> INSERT INTO more VALUES (CAST(printf('%.*c', 30000, 'm') AS BLOB))
h = a main more z 1 r
h read 25000 4
a> DROP TABLE big
h read 25000 4
a> PRAGMA incremental_vacuum
h read 25000 4
h close
a> DROP TABLE big
a> PRAGMA incremental_vacuum
h = a main more z 1 w
h read 25000 4
h write 25001 ffff
h close
a> SELECT z FROM more; PRAGMA integrity_check""",
    "a commit that a reader blocks": """
h = a main t x 1 w
h write 0 ff
b> BEGIN; SELECT 1 FROM t
h close
b> SELECT hex(x) FROM t WHERE id = 1; COMMIT
b> SELECT hex(x) FROM t WHERE id = 1""",
    "closing a connection with a handle": """
h = a main t x 1 r
a> SELECT 1
h close""",
    "an interrupted statement leaves the handle": """
h = a main t x 1 w
h write 0 ff
a> SELECT abs(-9223372036854775808)
h write 1 ff
a> INSERT INTO t VALUES (1, 1, 1, 1)
h write 2 ff
h close
a> SELECT hex(x) FROM t WHERE id = 1""",
    "OR ROLLBACK under a handle": """
a> BEGIN
h = a main t x 1 w
h write 0 ff
a> INSERT OR ROLLBACK INTO t VALUES (1, 1, 1, 1)
h read 0 1
h write 0 ff
h close
a> SELECT hex(x) FROM t WHERE id = 1""",
    "the preupdate hook is told of what is written": """
a preupdate
h = a main t x 1 w
h write 0 ffee
h write 14 aa
h reopen 3
h write 0 53
a> UPDATE t SET n = 5 WHERE id = 3
h close
h = a main t x 2 r
h read 0 2
h close""",
    "changes and rowids are left alone": """
a> INSERT INTO logged VALUES (1), (2), (3)
h = a main t x 1 w
h write 0 ffff
h close
a> SELECT changes(), total_changes(), last_insert_rowid()""",
}  # fmt: skip
