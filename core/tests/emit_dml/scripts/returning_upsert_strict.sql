create table t(id integer primary key, a unique, b int default 3, c)
insert into t values(1,'a',1,1) returning *
insert into t(a) values('b') returning id, a as x, b+1, rowid
insert into t(a,c) values('c',1),('d',2) returning *
update t set b=b+1 where id>1 returning id, b
delete from t where id=4 returning a, t.b
delete from t where 0 returning *
insert or ignore into t(a) values('a') returning *
update t set id=id+10 returning id
insert into t values(1,2,3,4) returning t.*
insert into t values(11,2,3,4) returning *
insert into t(a) values(1) returning (select count(*) from t)
insert into t(a) values(2) returning nope
insert into t(a) values(2) returning count(*)
insert into t(a,b) values('a',5) on conflict do nothing
insert into t(a,b) values('a',5) on conflict(a) do nothing
insert into t(a,b) values('a',5) on conflict(a) do update set b=excluded.b
insert into t(a,b) values('a',5) on conflict(a) do update set b=b+excluded.b, c='up' where b<100 returning *
insert into t(a,b) values('a',5) on conflict(b) do nothing
insert into t(id,a) values(11,'zz') on conflict(id) do update set a=excluded.a||a
insert into t(id,a) values(11,'b') on conflict(id) do update set a=excluded.a||a on conflict(a) do update set b=99
insert into t(id,a) values(12,'q') on conflict(id) do update set a='c'
insert into t(id,a) values(12,'q') on conflict(id) do update set id=99
insert into t(a,b) select a, 7 from t where true on conflict(a) do update set b=excluded.b
insert into t(id,a) values(11,null),(12,'c') on conflict(a) do nothing on conflict(id) do nothing
insert into t(a) values('c') on conflict(id) do nothing on conflict(zz) do nothing
insert into t(a) values('c') on conflict(id) do nothing on conflict(b) do nothing
insert into t as q(a) values('c') on conflict(a) do update set b=q.b+1
insert into t as q(a) values('c') on conflict(a) do update set b=t.b+1
insert into t(a) values('c') on conflict(a) do update set zz=1
insert into t(a) values('c') on conflict(a) do update set b=excluded.zz
insert into t(a) values('c') on conflict(a) do update set b=excluded.rowid, c=excluded.id
create table n(a not null, b unique)
insert into n values(null,1) on conflict do nothing
insert or replace into n values(1,1) on conflict(b) do nothing
create unique index nb on n(a,b) where a>5
insert into n values(6,6)
insert into n values(6,6) on conflict(a,b) do nothing
insert into n values(6,6) on conflict(a,b) where a>5 do nothing
insert into n values(6,6) on conflict(b) do nothing
create table cc(x text collate nocase unique)
insert into cc values('A')
insert into cc values('a') on conflict(x) do nothing
insert into cc values('a') on conflict(x collate binary) do nothing
insert into cc values('a') on conflict(x collate nocase) do update set x='Z' returning x
create table u1(id integer primary key, v)
create table u2(k, w)
insert into u1 values(1,1),(2,2),(3,3)
insert into u2 values(1,'one'),(3,'three'),(3,'drei'),(9,'x')
update u1 set v=w from u2 where id=k
update u1 set v=w from u2 where id=k returning id,v
update u1 set v=u2.w||'!' from u2 where u1.id=u2.k and u2.k=1
update u1 as z set v=0 from u2 where z.id=k
update u1 set v=1 from u1 where 1
update u1 set (v)=(select 5) from u2 where id=k
update u1 set id=id+10 from (select max(k) as m from u2) where id<m
create table st(a int, b text, c real, d blob, e any, f integer primary key) strict
insert into st values(1,'a',1,x'00',5,null)
insert into st values('x','a',1,x'00',5,null)
insert into st values('1',2,'3',x'00','5',null)
insert into st values(1,2,3,'t',5,null)
insert into st(a,c) values(1.0, 5)
insert into st(a) values(1.5)
update st set b=x'00'
update st set c='q'
select typeof(a),typeof(b),typeof(c),typeof(d),typeof(e) from st
create table st2(a) strict
create table st2(a foo) strict
pragma table_list(st)
reindex
reindex t
reindex nocase
reindex nope
reindex cc
