select zz from t
select t.zz from t
select main.t.zz from t
select foo.t.a from t
select a from t,u
select rowid from t,u
select rowid from t, (select 1 as x)
select rowid from (select * from t)
select rowid from v
select rowid from t
select oid, _rowid_ from u
select * from nosuch
select * from main.nosuch
select * from foo.t
select x.* from t
select *
select "foo"
select "foo" from t
select `foo` from t
select [foo] from t
select count(*) from t where count(*)>1
select a from t where count(*)>1
select a from t where cOUnt(a)>1
select sum(count(*)) from t
select a from t group by count(*)
select a c1, count(*) n from t where n>1
select a from t having a>1
select a from t order by count(*)
select a from t order by sum(b)+1
select 1 from t group by 2
select 1 from t order by 2
select a,b from t order by 3
select a from t order by -1
select a from t order by 1.5
select a from t order by 100000
select a from t union select b from t order by 3
select a from t union select b from t order by c
select a from t union select b,c from t
select a from t union all select b,c from t
select a from t except select b,c from t
select a from t intersect select b,c from t
values(1,2),(3)
select (select 1,2)
select 1 = (select 1,2)
select (1,2)
select (1,2) = (1,2,3)
select (1,2) = 1
select 1 in (select 1,2)
select (1,2) in (select 1)
select (1,2) in (1,2)
select (1,2) in ((1,2),(3,4))
select 1 in (1,(2,3))
select count(distinct a,b) from t
select count(distinct) from t
select abs(1,2)
select nosuch(1)
select nosuch(distinct 1)
select abs(*)
select sum(*) from t
select abs(1) filter (where 1)
select abs(1 order by 1)
select group_concat(a order by b) from t
select 1 like 2 escape 3
select raise(ignore)
select ?0
select ?32767
select ?99999999999999
select (select sum(t.a)) from t
select (select sum(t.a) from u) from t
select (select 1 from u order by t.a) from t
select (select 1 from u group by t.a) from t
select (select 1 from u limit t.a) from t
select a from t limit a
select a collate foo from t
select * from t join u using(zz)
select * from t join u using(a) join w using(a)
select * from t natural join u
select * from t natural join u on 1
select * from t left join u on u.a=w.x left join w on 1
select 1 as x, 2 as x, 3 as "x:1"
select * from (select 1 as x, 2 as x, 3 as x)
select * from (select 1, 2+1, 'a', b, t.a, rowid from t)
select t.a, T.B, a+1, A  +  1, (a), -a, main.t.a from t
select * from v,u
select true, false, "true"
select t.true from t
select ROWID, main.t."A", `b` from t
select "A" from t
select * from (t join u using(a))
select * from (t join w) x
select t.*, u.* from (t join u using(a))
select a, t.a, u.a from (t join u using(a))
select * from (t join u using(a)) join w on w.x=t.id
select * from w join (t join u using(a))
select * from w join (t full join u using(a)) z
select t.*, w.* from w join (t full join u using(a)) z
select t.id, u.a, a from w join (t full join u using(a)) z
select t.id, u.b, a from w join (t full join u using(a)) z
select * from t join u using(a)
select * from t full join u using(a)
select b from (t join u using(a))
select z.id from (t join u using(a)) z
select t.id from (t join u using(a)) z
select rowid from (t join w)
select t.rowid from (t join w)
select *, * from t
select * from (select *,* from t)
select x from (select a x from t) where x=2
select a x from t where x=2
select a x, x+1 from t
select a x from t group by x having x=2 order by x+1
select (select x) x from w
select a as b, b as a from t order by b
select a from t union select b from t order by b
select a from t union select b from t order by a+0
select a from t union select b from t order by t.b
select a from t union select b as zz from t order by zz
select case (1,2) when (1,2) then 1 end
select (1,2) is null
select (1,2) between (1,1) and (1,3)
select (1,2) collate nocase = (1,2)
select not (1,2)
select ((1,2),3) = ((1,2),3)
select abs((1,2))
select (select 1,2) in (select 1,2)
select 1 in ()
select (1,2) in ()
select (1,2) is (select 1,2)
select nullif((1,2),1)
select * from t where (1,2)
select * from t order by (1,2)
select * from t group by (a,b)
select a,(select 1,2) from t
select (a,b) from t
select sum((1,2)) from t
select - 0x8000000000000000
select 0x8000000000000000, -0.0, - - 5
select 0x10000000000000000
select -0x10000000000000000
select count(*) filter (where a>1) from t
select sum(distinct a, b) from t
select max(a,b) from t
select abs(a) over () from t
select a from t where (select sum(t.a) from u) > 1
select a from t where (select count(*) from u where sum(t.a)>1) > 1
select (select count(*) from u where sum(t.a)>1) from t
select (select count(*) from u where sum(u.a)>1) from t
select a from t group by a having (select sum(t.b) from u)>0
select a as q from t where sum(q)>0
select sum(a) as q from t where q>0
select sum(a) as q, sum(q) from t
select sum(a) as q from t order by sum(q)
select sum(a) as q from t having sum(q)
select *, (select q from w) from (select a q from t)
select t from t
select t.* from t as z
select a.* from (select 1) a, main.t
select u.a from t, main.u
select main.x.a from t x
select x.a from main.t x
select t.a from t x
select * from t,u order by b
select * from t,u where b=3
select t.b, u.b from t,u order by b
select t.b from t,u order by b
select t.* from t,u order by b
select * from (select A from t)
with c(x,y) as (select 1) select * from c
with c(x) as (select 1) select * from c, c d
with c as (select A from t) select * from c
with c as (select * from d), d as (select 1) select * from c
with c as (select * from d), d as (select * from c) select * from c
with c as (select * from c) select * from c
with c as (select 1), c as (select 2) select * from c
select * from t where a in nosuch
select * from (values(1,2),(3,4)) where column1=1
values(1,2)
select 1 group by 1
select distinct a from t order by b
select a from t group by a order by count(*), 1
select 1 order by 1, 2
select likelihood(1, 2)
select likelihood(1, 0.5)
select t.a, a.b from t left join u a using(a) where a>1
select a from t right join u using(a)
select * from t right join u using(a)
select * from t full join u using(a) full join (select 1 as a) using(a)
select * from t left join u using(b) right join (select 1 as b) using(b)
select * from t, u right join (select 1 as b) using(b)
select exists(select zz from t)
select * from t where exists(select 1 where t.a)
select * from t order by "a", 'a', [b]
select t.a as "q r" from t order by "q r"
select a as rowid from t where rowid=2
select (select a from u) from t where u.a=1
select cast(a as nonsense) from t
select group_concat(distinct a) from t
select group_concat(distinct a, b) from t
select count(*), count() from t
select count(a,b) from t
select min() from t
select max(*) from t
select coalesce(1)
select ifnull(1)
select iif(1)
select current_timestamp is not null
select a is not true, a is false from t
select a isnull from t
select 'a' 'b'
select 1 x, 2 "x", 3 'x'
select ":a", 'x' from t
