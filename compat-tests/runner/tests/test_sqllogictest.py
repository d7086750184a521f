"""sqllogictest files are read and run as their format says."""

from pathlib import Path

from runner.driver_client import DriverClient
from runner.driver_registry import read_drivers
from runner.sqllogictest import read_records, run_file

TEXT = """\
# a comment
hash-threshold 20

statement ok
CREATE TABLE t(a INTEGER, b TEXT, c REAL)

statement ok
INSERT INTO t VALUES (2, 'x', 1.5), (1, NULL, 0.33333), (3, '', -2)

query ITR rowsort
SELECT a, b, c
  FROM t
----
1
NULL
0.333
2
x
1.500
3
(empty)
-2.000

query I nosort label
SELECT a FROM t ORDER BY a DESC
----
3
2
1

query I valuesort
SELECT a FROM t
----
3 values hashing to c0710d6b4f15dfa88f600b0e6b624077

skipif sqlite
statement ok
NONSENSE

onlyif mysql
query I
NONSENSE
----
1

statement error
SELECT nosuch FROM t

query I nosort
SELECT count(*) FROM t
----
4

halt

statement ok
NONSENSE
"""


def test_a_file_is_read_and_run(tmp_path: Path) -> None:
    path = tmp_path / "x.test"
    path.write_text(TEXT)
    assert [record.line for record in read_records(path)] == [4, 7, 10, 24, 31, 46, 49]
    client = DriverClient(read_drivers()["sqlite"])
    try:
        problems = run_file(client, path)
    finally:
        client.stop()
    assert [problem.split(": ")[0] for problem in problems] == [f"{path}:49"]
    assert "expected ['4'], answered ['3']" in problems[0]
