create table t(id integer primary key, a text unique, b int, c real)
insert into t values(1,'a',1,1.5),(2,'b',2,2.5),(3,'c',3,3.5)
update t set b=b+1
update t set a='z' where id=2
update t set a='a' where id=3
update or ignore t set a='a'
update or replace t set a='a' where id=3
update t set id=id+10
update t set id=11
update t set (b,c)=(9,'8')
update t set b=5 where c>2
update t set id='x'
update t set id=null
update t set rowid=99 where id=13
delete from t where id=99
insert into t values(1,'q',1,1),(2,'r',2,2),(3,'s',3,3)
update t set id=id+1
update t set id=4-id where id in (2,3)
delete from t where b>1
delete from t
create table n(a not null, b not null default 'd' check(b<>'bad'))
insert into n values(1,2),(3,4)
update n set a=null
update or replace n set b=null
update n set b='bad'
update or ignore n set b='bad'
update or fail n set b='bad' where a=3
create table p(a,b,c)
insert into p values(1,1,1),(2,0,2),(3,1,3)
create unique index p1 on p(a) where b>0
create index p2 on p(a+c, b desc)
update p set b=1
update p set a=1
update p set b=0
update p set a=1
update p set b=1 where c=3
update p set c=c+1, a=c
delete from p where a=3
update p set nope=1
update p set a=nope
update p set (a,b)=(1,2,3)
update p set a=(1,2)
update p set a=(select max(c) from p)
update p set (a,b)=(select 5,6)
delete from p where nope
delete from p where a=5 and b=6
insert into p select a,b,c from n
insert into p select 1,2
insert into n select a+1,b from n
insert into p select 1,2,3 union all select 4,5,6
insert into p(c,a) select a,b from n order by a desc
insert into p values(1,2,3),(4,5,6),((select count(*) from p),8,9)
create table x as select a,b from p
create table y as select a, count(*) as n, 'k' || a from p group by a
with q as (select 1 as z) insert into x select z,z from q
with q as (select 1 as z) delete from x where a in (select z from q)
with q(z) as (select 6) update x set b=0 where b in (select z from q)
select changes(), total_changes(), last_insert_rowid()
