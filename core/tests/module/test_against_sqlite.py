"""Virtual tables beside real SQLite: the same module on both sides, its rows, and what it is asked and told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from module_pair import Pair, Settings

READS = [
    "select * from rows",
    "select rowid,a,c from rows where a=2",
    "select * from rows where a>1 and b='two'",
    "select * from rows where rowid=2",
    "select * from rows where a in (1,2)",
    "select * from rows where a in (1,2) and b='two'",
    "select * from rows where a between 1 and 2",
    "select * from rows where a like 'x%'",
    "select * from rows where b glob 'x*'",
    "select * from rows where a is null",
    "select * from rows where a is not null",
    "select * from rows where a<>1",
    "select * from rows where a is not 1",
    "select * from rows where a is 1",
    "select * from rows where 1<a",
    "select * from rows where a+1=2",
    "select * from rows where a=1 or a=2",
    "select * from rows where a=1 or b='x'",
    "select * from rows(5)",
    "select * from rows(5) where a=1",
    "select * from rows order by a",
    "select * from rows order by a desc, b",
    "select * from rows order by d",
    "select * from rows order by d collate binary",
    "select * from rows order by a+1",
    "select distinct a from rows",
    "select a from rows group by a",
    "select distinct a from rows order by a",
    "select distinct a,b from rows order by a",
    "select count(*) from rows where a=1",
    "select max(a) from rows",
    "select a from rows limit 2",
    "select a from rows where a=1 limit 1",
    "select x.a,y.b from rows x, rows y where x.a=y.a",
    "select x.a,y.b from rows x, rows y where x.a=y.a and y.b='one'",
    "select x.a,y.b from rows x left join rows y on x.a=y.a and y.b='one'",
    "select x.a,y.b from rows x left join rows y on x.a=y.a where y.b='one'",
    "select x.a,y.b from rows x join rows y using(a) where y.b is null",
    "select 1 from rows x, rows y, rows z where x.a=y.a and y.b=z.b",
    "select a from rows where a=(select 2)",
    "select a from rows where exists(select 1 from rows r where r.a=rows.a+1)",
    "select a from rows where a in (select a from rows)",
    "select a from rows where (a,b)=(1,'one')",
    "select a from rows where d='x'",
    "select a from rows where d collate binary='x'",
    "select a from rows where a='1'",
    "select a from rows where b=1",
    "select a from rows where not a=1",
    "select a from rows where a=1 and a=2",
    "select a from rows where a in ()",
    "select a from rows where c=4",
    "select * from rows where a=b",
    "select * from rows where rowid in (1,3)",
    "select * from rows where a>=2 and a<3 and rowid>1",
]
# Asked in other words, or oftener (an OR of two plans, the range that LIKE stands for), with the same rows.
OTHER_QUESTIONS = (" like ", " glob ", " or ", "distinct", " limit ", "and y.b='one'", "z.b", "in (select a from rows)")
# A module that promises to see to `a=1 and a=2` alone and does not.
LIES = "a=1 and a=2"
WRITES = [
    "create virtual table v using rows(x, y z)",
    "select sql from sqlite_master",
    "insert into v values(10,20,30)",
    "insert into v(rowid,a) values(50,1)",
    "insert into v(a,c) values(1,2),(3,4)",
    "insert into v(rowid,a) values('x',1)",
    "insert into v(rowid,a) values(null,7)",
    "insert into v(rowid,a) values(1.0,7)",
    "insert into v select a,b,d from v",
    "select rowid,* from v",
    "update v set a=a+1",
    "update v set a=a+1 where rowid=2",
    "update v set rowid=100 where rowid=3",
    "update v set rowid=rowid+1000, b='q' where a>2",
    "update v set (a,b)=(select 5,6) where a=7",
    "update v set c=1",
    "delete from v where a=3",
    "delete from v",
    "select rowid,* from v",
    "insert into v default values",
    "insert into v values(1,2,3) returning rowid,a",
    "delete from v returning a",
    "update v set a=1 returning a",
    "insert into v values(1)",
    "insert into v(nothing) values(1)",
    "insert into v values(1,2,3) on conflict do nothing",
    "insert or replace into v values(1,2,3)",
    "insert or ignore into v values(1,2,3)",
    "update or fail v set a=2",
    "select changes(), total_changes(), last_insert_rowid()",
    "begin",
    "insert into v values(1,2,3)",
    "savepoint s",
    "insert into v values(4,5,6)",
    "release s",
    "savepoint q",
    "update v set a=0",
    "rollback to q",
    "release q",
    "commit",
    "begin",
    "delete from v",
    "rollback",
    "select count(*) from v",
    "create table t(x)",
    "create trigger tr after insert on t begin "
    "insert into v(a) values(new.x); update v set b=new.x where a=new.x; delete from v where a=0; end",
    "insert into t values(3),(0)",
    "select rowid,* from v",
    "update v set a=t.x from t where t.x=v.a",
    "drop trigger tr",
    "begin",
    "alter table v rename to w",
    "commit",
    "select count(*) from w",
    "create temp trigger t2 after insert on t begin insert into w(a) values(5); end",
    "insert into t values(1)",
    "create virtual table u using rows",
    "drop table u",
    "begin",
    "create virtual table u using rows(1)",
    "insert into u(a) values(1)",
    "rollback",
    "drop table w",
    "savepoint x",
    "create virtual table u using rows",
    "insert into u(a) values (9)",
    "rollback to x",
    "release x",
    "create virtual table u using rows(a(b,c),  'x,y' , [q)])",
    "insert into u(a) select 1 from u limit 1",
    "pragma integrity_check",
    "insert into rows(a) values(5)",
    "update rows set a=9 where a=5",
    "delete from rows where a=9",
    "begin",
    "insert into rows(a) values(5)",
    "commit",
]


@pytest.mark.parametrize("take", ["equal", "all", ""])
@pytest.mark.parametrize("consumes_order", [False, True])
@pytest.mark.parametrize("omits", [False, True])
def test_queries_give_the_same_rows_and_ask_the_same(take: str, consumes_order: bool, omits: bool) -> None:
    pair = Pair(Settings(take, omits, consumes_order))
    for sql in READS:
        if omits and LIES in sql:
            continue
        mine, other = pair.run(sql)
        assert mine[0] == other[0], sql
        if not any(part in sql for part in OTHER_QUESTIONS) and LIES not in sql:
            assert mine[1] == other[1], sql
    pair.close()


@pytest.fixture()
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.close()


def told(log: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """The calls that change something."""
    return [call for call in log if call[0] in ("update", "rename", "destroy", "commit", "rollback")]


def test_writes_reach_the_module_as_from_sqlite(pair: Pair) -> None:
    for sql in WRITES:
        mine, other = pair.run(sql)
        assert mine[0] == other[0], sql
        assert told(mine[1]) == told(other[1]), sql


def test_a_module_that_is_taken_away_leaves_the_tables_that_are_connected(pair: Pair) -> None:
    pair.run("create virtual table v using rows")
    pair.ours.virtual_tables.register("rows", None)
    pair.ours.expire()
    pair.theirs.create_module("rows", None)
    for sql in ("select * from v", "drop table v", "select * from v", "select * from rows"):
        mine, other = pair.run(sql)
        assert mine[0] == other[0], sql
