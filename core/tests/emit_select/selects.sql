select * from t
select t.*, u.* from t, u where t.a=u.a
select * from t where a=2 order by c desc
select * from t where a in (1,2,3)
select * from t where a in (1,null)
select a in (1,null), a not in (1,null), a in (), null in () from t
select * from t where a not in (1,2)
select * from t where b='two' and c>2
select * from t where b='two' and c<=2.5
select * from t where b>'one'
select * from t where b<'two' order by b
select * from t where b<'two' order by b desc, c
select * from t where b in ('two','one') and c>1
select * from t where b is null
select * from t where b is null and c<0
select * from t where c is not null order by c nulls last
select * from t order by c nulls last
select * from t order by c desc nulls first
select * from t order by b collate nocase, id desc
select * from t where id=3
select * from t where id='3'
select * from t where id=2.5
select * from t where id>2.5
select * from t where id>='2' and id<'5'
select * from t where id='abc'
select * from t where id<'abc'
select * from t where id>'abc'
select * from t where id in (5,1,'3',2.0,'x',null)
select * from t where id between 2 and 4 order by id desc
select * from t where id>null
select * from t where a='2'
select * from t where a>'1' order by a desc
select * from t where a=2.0
select * from u where d='x'
select * from u where d>'x'
select * from u where a=2
select * from u where a='2'
select * from t left join u on t.a=u.a
select * from t left join u on t.a=u.a and u.b='two'
select * from t left join u on t.a=u.a where u.b is null
select * from t right join u on t.a=u.a
select * from t full join u on t.a=u.a
select * from t full join u on t.a=u.a full join w on w.x=u.a
select * from t full join u using(a)
select * from t full join u using(a) where a>1
select * from t natural join u
select * from t right join u using(a,b)
select * from t left join (u join w on u.a=w.x) on t.a=u.a
select * from w join (t full join u using(a)) z on z.a=w.x
select * from t cross join w where t.a=w.x
select count(*) from t
select count(a), sum(a), avg(a), total(a), min(a), max(a), group_concat(a) from t
select a, count(*) from t group by a
select a, count(*), b from t group by a
select a, max(c), b from t group by a
select a, min(c), b from t group by a
select max(c), b from t
select min(c), b, max(a) from t
select min(b), max(b) from t where 0
select a, b from t group by a having count(*)>1
select b, sum(a) from t group by b collate nocase order by 2 desc
select count(distinct a), sum(distinct a) from t
select a, count(distinct b) from t group by a order by a desc
select sum(a) filter (where c>1) from t
select group_concat(b, '-' order by c desc) from t
select distinct a from t
select distinct a, b from t order by b
select distinct b collate nocase from t
select a from t union select a from u
select a from t union all select a from u
select a from t except select a from u
select a from t intersect select a from u
select a,b from t union all select a,b from u order by 2,1
select a from t union all select a from u limit 3
select a from t union all select a from u limit 3 offset 4
select a from t union select a from u limit 3 offset 1
select 1 union select 1.0
select 1.0 union select 1
select 1.0 union all select 1 except select 2
select 1.0 intersect select 1
select 1 union select 2 union all select 1
select 1 union all select 2 intersect select 2 except select 3
select 3 union select 1 except select 1 union all select 0
select (select max(x) from w)
select (select x from w where y=21), (select x from w where 0)
select a, (select max(y) from w where x=t.a) from t
select a from t where exists (select 1 from w where x=a)
select a from t where not exists (select 1 from w where x=a)
select a from t where a in (select x from w)
select a from t where a not in (select x from w)
select a from t where a not in (select x from w where x is not null)
select a from t where a in (select x from w where y>t.id*10)
select (a,b) in (select a,b from u), (a,b) not in (select a,b from u) from t
select (1,2)=(1,2), (1,2)<(1,3), (1,null)<(2,1), (1,null)<(1,3), (null,1)<(2,2), (1,2)>=(1,2), (1,2)<>(1,null), (1,2)<>(2,null), (1,null) is (1,null)
select * from t where (a,b)=(2,'two')
select * from t where (a,b) in ((2,'two'),(1,'one'))
select * from t where (a,id) > (2,4) order by id
select * from t where (a,id) between (1,1) and (2,4)
select * from (select a, count(*) n from t group by a) where n>1
select * from (select a, count(*) n from t group by a) q join w on w.x=q.a
select * from w left join (select a, count(*) n from t group by a) q on w.x=q.a
with c as (select a from t where a>1) select * from c, c d
with c(x) as (values(1),(2)) select x from c union select x+1 from c
values(1,2),(3,4),(5,6)
values(1,2),(3,4) order by 1 desc
select * from (values(1,2),(3,4),(5,6)) where column1>1
select * from t limit 2
select * from t limit 2 offset 3
select * from t order by a limit 2 offset 1
select * from t limit -1 offset 4
select * from t limit 0
select * from t limit 'x'
select 1 limit 1.0
select case when a=2 then 'two' when a is null then 'null' else 'other' end from t
select case a when 2 then 'two' when null then 'null' end from t
select case b when 'TWO' collate nocase then 1 else 0 end from t
select a between 1 and 2, a not between 1 and 2 from t
select c between 1 and 2.5 or b is null from t
select * from t where c between 1 and 2.5
select * from t where not (c between 1 and 2.5)
select * from t where not (a=2 or b='one')
select * from t where not (a=2 and b='two')
select a is null, a isnull, a notnull, a is not null from t
select a is 2, a is not 2, b is 'two' from t
select (a>1) is true, (a>1) is not true, (a>1) is false, (a>1) is not false from t
select * from t where a is not true
select * from t where (a>1) is not false
select -a, +b, ~a, not a from t
select -b, b+1, b||c, a||null from t
select a/0, a%0, 7/2, 7%3, -7/2, 7.0/2, 1<<3, 256>>2, 5&3, 5|3 from t
select cast(b as integer), cast('12abc' as integer), cast(a as text), cast(c as int), cast('x' as blob), cast(5 as real) from t
select typeof(a), typeof(b), typeof(c), typeof(id) from t
select b like 'T%', b glob 't*', b not like 'o%' from t
select 'a%b' like 'a\%b' escape '\'
select coalesce(a,c,'x'), ifnull(b,'nil'), nullif(a,2), iif(a>1,'big','small') from t
select a and b, a or null, null and 0, null or 1 from t
select a<b, a<'2', 1<'2', '10'<9 from t
select b='Two' collate nocase, 'two'=b collate nocase from t
select * from u where b=2
select * from u where b='2'
select a+b from u
select max(a,c), min(1,2,'x') from t
select (select count(*) from t where t.a=w.x) from w
select x, (select sum(a) from t where a<=w.x) s from w order by s desc, x
select (select sum(t.a)) from t
select (select sum(t.a + w.x) from w) from t
select (select count(*) from w where w.x = max(t.a)) from t group by b
select sum(a) s from t having s>5
select a, sum(c) s from t group by 1 having s>2 order by s
select a+1 as q, count(*) from t group by q
select count(*) from t, u
select count(*) from t where a>1
select count(*) from (select distinct a from t)
select 1 where 0
select 1 where null
select 1, count(*) where 0
select sum(1) where 0
select * from t where 1=0
select * from t, (select 1 as one) order by id limit 1
select t1.id, t2.id from t t1, t t2 where t1.a=t2.a and t1.id<t2.id
select * from t where id=1 or id=3
select * from t where a=2 or b='one'
select * from t where a=2 or c=1.5 or id=3 order by id
select rowid, * from u where rowid>3
select id from t where a=(select max(x) from w)
select a from t order by (select y from w where x=t.a limit 1), id
select a, b from t group by a, b order by b desc, a
select group_concat(distinct a) from t
select total(a), count(b) from t where 0
select abs(-5), length('abc'), upper('x'), lower('Y'), substr('hello',2,3), hex('a'), quote('it''s'), round(2.567,1)
select * from t where b like 'T%'
select max(id) from t where a=2
select exists(select 1 from t where a=99), exists(select 1 from t)
select * from t where exists(select 1 from w where w.x=t.a and w.y>(select min(y) from w))
select a from t where id in (select id from t order by c desc limit 2)
select * from (select * from t order by id desc limit 3) order by id
select * from (select * from t order by id desc) limit 2
select b, group_concat(id) from (select * from t order by id desc) group by b
select x from w order by x desc, y
select x+0 as x from w order by x
select * from w order by -x
select a from t where b='two' intersect select x from w
select 'a' as k union all select 'b' order by k desc
select 'a' as k union all select 'B' union all select 'c' order by k collate nocase desc
select 5 in (select a from t), null in (select a from t), 99 in (select a from t), 99 in (select a from t where a is not null)
select 1 in (1.0), '1' in (1), 1 in ('1'), a in ('2','1','10') from t
select id in ('2','1','10') from t
select id in ('2') from t
select b in ('TWO' collate nocase,'x','y') from t
select (b collate nocase) in ('TWO','x','y') from t
select 1 from t where 1 in (a, id)
select likely(a=2) from t
select * from t where likely(a=2)
select count(*) filter (where a>1), count(*) from t
select max(a) filter (where a<5), b from t
select a, b, c from t group by b
select avg(distinct a) from t
select sum(a) from t group by b order by sum(a), b
select b from t group by b having max(a)>1 order by max(c)
select distinct count(*) from t group by a
select t.a, count(u.b) from t left join u on t.a=u.a group by t.a order by 2 desc, 1
select a.id, b.id, c.id from t a left join t b on b.id=a.id+1 left join t c on c.id=b.id+1
select * from t a left join t b on a.id=b.a left join w on w.x=b.id where a.id<4
select * from w left join t on t.id=w.x where t.a is null
select * from t where a in (select x from w union select 10)
select * from t where (select count(*) from w where x=t.a)=2
select 1 in (1.0), '1' in (1), 1 in ('1'), a in ('2','1','10') from t
select * from t left join u on t.a=u.a left join w on w.x=u.a and w.y>10
select * from t full join u on t.b=u.b full join w on w.x=t.a where coalesce(t.id,0)<4
select * from u right join t on t.a=u.a right join w on w.x=t.id
select * from w left join t on t.id=w.x right join u on u.a=t.a
select count(*), count(t.id), count(u.a) from t full join u on t.a=u.a
select t.id, u.b from t full join u on t.a=u.a and t.c>1 order by 1,2
select * from (select * from t where a=2) x full join (select * from u where a=2) y on x.b=y.b
select * from (select 1 as k union select 2) x full join (select 2 as k union select 3) y on x.k=y.k
select * from (select 1 as k union select 2) x right join (select 2 as k union select 3) y using(k)
select k from (select 1 as k union select 2) x full join (select 2 as k union select 3) y using(k) order by k
select w.*, (select group_concat(id) from t where t.a=w.x) from w
select (select group_concat(z) from (select id as z from t where t.a=w.x order by id desc)) from w
select x, (select count(*) from (select distinct b from t where t.a=w.x)) from w
select x, (select b from t where t.a=w.x union select 'zz' order by 1 limit 1) from w
select x, (select count(*) from (select a from t where a=w.x union all select a from u where a=w.x)) from w
select x, exists(select 1 from t where a=w.x union select 1 where w.y>20) from w
select x, x in (select a from t where id<w.y/5) from w
select x, (x,y) in (select a,id*10 from t where id=w.x) from w
select x, (select max(a) from t group by b having count(*)>w.x limit 1) from w
select a, (select count(*) from w where w.x in (select x from w w2 where w2.y>t.id*5)) from t
select group_concat(x) from w group by y>15
select count(*) from t where a = (select a from t t2 where t2.id=t.id+1)
select max(a), min(a), max(b) from t group by c is null order by 1
select sum(a*c), avg(c) from t where b like '%o%'
select b, max(c), a from t group by b order by max(c)
select b, count(*) c from t group by b order by c desc, b limit 2
select distinct a from t order by a desc limit 2
select distinct a, c from t order by 2 limit 3 offset 1
select count(*) from t group by a limit 1 offset 1
select group_concat(distinct b) from t group by a
select min(b collate nocase), max(b collate nocase) from t
select b from t where b = 'TWO' collate nocase
select * from t where a in (select a from u where u.b=t.b)
select * from t where a is (select null)
select * from t where (select a from u where 0) is null limit 1
select null is null, null is 1, 1 is not null, null = null, null <> 1
select not null, - null, ~null, null||'a', null+1
select 1=1.0, '1'=1, 1<'a', x'01'>'zzz', null<1
select 'a'<'B', 'a'<'B' collate nocase, 'a '='a' collate rtrim
select 9223372036854775807+1, -9223372036854775808-1, 9223372036854775807*2, 5/0, 5%0, 5.0/0
select 1e308*10, -1e308*10, 0.1+0.2, 1/3.0, 100000000000000000000, 1e15, 1e16, 123456789012345678
select '0x10'+1, '1e2'+1, ' 5 '+1, '5x'+1, x'35'+1
select 3 between 1 and 5 and 1, not 1 between 0 and 2
select case 1 when 1.0 then 'eq' else 'ne' end, case '1' when 1 then 'eq' else 'ne' end
select case null when null then 1 else 2 end, case when null then 1 else 2 end
select iif(1,2), iif(0,2), iif(0,1,1,5,9)
select cast('1e3' as integer), cast(1.9 as integer), cast('abc' as numeric), cast('1.0' as numeric), cast(x'31' as text)
select id from t order by b desc, c desc nulls last
select id from t order by a+0, b||'' desc
select id from t order by 0-a nulls last
select id from t where a>=2 and a<10 order by a, id desc
select id,a from t where a>1 and a<=10 order by a desc
select id from t where b='two' order by c
select id from t where b='two' order by c desc
select id from t where b in ('two','one','zzz') order by b, c
select id from t where b>='o' and b<'u' order by b desc
select id from t where b is 'two'
select id from t where a is null
select id from t where a is null or a=10
select id from t where (a=1 or a=10) and c>0
select id from t where a=1 or b='two' or id=3
select id from t where id in (1,2) or id in (2,3) order by id
select t.id, w.y from w left join t on t.a=w.x or t.id=w.x
select t.id, w.y from w left join t on (t.a=1 or t.id=3) and w.y>10
select t.id, u.b from t join u on t.a=u.a and t.b=u.b
select t.id from t join u on u.d='x' and u.a=t.id
select u.* from w join u on u.a=w.x where w.y>10 order by u.rowid
select * from w a join w b on a.x=b.x join w c on b.y=c.y
select x from w group by x order by count(*) desc, x
select x, count(*), sum(y), max(y) from w group by x having max(y)>10 or x is null
select x is null, count(*) from w group by 1
select a, b, count(*) from u group by a, b
select a from u group by a
select typeof(a), a from u group by a
select a, typeof(a) from u order by a
select distinct a from u
select a from u union select a from u
select a from u intersect select x from w
select a from u except select x from w
select count(distinct a) from u
select d from u order by d
select d from u order by d collate binary
select d from u group by d collate nocase
select d, count(*) from u group by lower(d)
select min(d), max(d) from u
select a from t union all select b from u order by 1
select b from t union select b from u order by b collate nocase, 1
select b from t union select b from u order by 1 collate nocase desc limit 4
select a,b from t except select a,b from u order by b
select a as z from t union select x from w order by z desc limit 2 offset 1
select * from (select a from t union select x from w) where a>1
select * from (select a from t order by a desc limit 3) union all select 0
select (values(1)), (values(1),(2))
select * from (values(1,'a'),(2,'b')) v join t on t.id=v.column1
values(1) union values(2) union all values(1)
select * from t where (select 1 from w where w.x=t.a limit 1 offset 1)
select * from t where a in (values(1),(10))
select * from t order by case when a is null then 0 else a end, id
select sum(case when a=2 then 1 else 0 end), count(case when a=2 then 1 end) from t
select group_concat(b, null), group_concat(b, id) from t
select count(nullif(a,2)) from t
select length(group_concat(b)) from t
select -(-a), - -a, +a, -+a from t
select 1 where 1 in (select 1) and 2 not in (select 1)
select 1 where null in (select 1 where 0)
select null not in (select 1 where 0), null in (select 1 where 0), 1 not in (select null), 1 in (select null union select 1)
select (1,null) in (select 1,2), (1,null) in (select 2,2), (1,2) in (select 1,null), (3,2) in (select 1,null)
select (select 1 where 0) is null, (select 1,2 where 0) is (null,null)
select x'00' = x'00', x'00' < x'01', typeof(x'')
select t.rowid, w.rowid from t, w where t.rowid=w.rowid
select a.* from t a where a.rowid=(select max(rowid) from t b where b.b=a.b)
select * from t as "x y" where "x y".id=1
select id as "a b" from t where "a b"=2
select [id], `a`, "b" from t where "id"=1
select count(*) as n, a from t group by a order by n desc, a
select id from t where id>1 and id>2 and id<=5 and id<6
select id from t where id=1 and id=2
select id from t where a=2 and a=3
select id from t where a>2 and a<1
select id from t where a between 3 and 2
select max(x), min(y), count(*) from w where x>100
select x, y from w where (x,y)>(1,10)
select x, y from w where (x,y)<=(2,20)
select * from t where a is not null and (b='one' or b='two') and not c=2
select 1 from t where null
select (select count(*) from t) + (select count(*) from u)
select * from (select * from (select * from (select id from t)))
select q.n from (select count(*) n from t) q where q.n>2
select a from (select a, b from t group by b) order by a
select 'x' || (select b from t where id=1) || 'y'
select * from (select id, a from t order by a desc, id limit 4) s join w on w.x=s.a order by s.id, w.y
select s.id from (select id from t union select x from w) s left join t on t.id=s.id order by 1
select a.id, (select b.id from t b where b.a=a.a and b.id<>a.id order by b.id limit 1) from t a
select abs(a), a from t order by abs(a) desc, id
select count(*) from t having count(*)>100
select count(*) from t having 1
select 1 from t group by null
select count(*), 'k' from t group by 'k'
select max(id), * from t
select min(id), b, * from t group by a
select sum(id) from t group by a+0 order by a+0
select a+1, count(*) from t group by a+1 order by 1 desc
select upper(b) u, count(*) from t group by u order by u
select upper(b) from t group by upper(b) having count(*)>1
-- views and subqueries that are flattened
select * from v where a = 2 order by b
select v.a, v2.b from v, v v2 where v.a = v2.a and v.b = 'one'
select q.z, count(*) from (select a + 1 as z, b from t) q group by q.z
select max(z) from (select -a as z from t)
select z from (select id as z, b as y from t) where z > 2 and y like '%w%'
select p.z from w left join (select id as z, a from t) p on p.a = w.x order by 1
select * from (select a as k, c from t) p join (select x as k, y from w) q using (k) order by 1, 2, 4
select (select z from (select t.a + w.x as z from w) order by 1 limit 1) from t
select d from (select distinct a as d from t) where d > 1
select x, typeof(x) from (select a as x from t union all select c from t) order by 1, 2
select z from (select z from (select z + 1 as z from (select id as z from t) where z > 1)) where z < 6
select s.n, w.x from (select id as n from t where a = 2) s, w where s.n = w.x
select z, z collate nocase = 'TWO', z = 'TWO' from (select b as z from t)
select z > '1' from (select cast(a as text) as z from t)
-- rows of NULLs beside an index that could go on
select u.a, k.p from u left join k on k.r = u.a and k.r is not null
select w.x, t.id from w left join t on t.a = w.x and t.b = 'two'
-- min and max that stop early
select min(a) from t
select max(a) from t
select min(a), b from t where id > 3
select max(id) from t where a = 2
select min(b) from t where b > 'three'
select max(c) from t left join w on w.x = t.a
select min(d) from u
select max(q) from k where p = 'a'
select min(x + y) from w
select count(distinct a), typeof(sum(distinct a)) from t
select sum(distinct a) from u where a > 1
-- three-valued IN
select 2 in (select x from w), 99 in (select x from w), null in (select x from w where 0)
select '' is not (1 in ()), 0 is (1 in ()), 5 is not (1 not in ())
select '2' in (select x from w), 2 in (select cast(x as text) from w)
select (2, null) in (select x, y from w), (3, null) in (select x, y from w), (9, null) in (select x, y from w)
-- correlated in many ways
select x, (select sum(a) from (select a from t where id <= w.x + 1 limit 2)) from w
select a, (select group_concat(y) from (select y from w where x <= t.a order by y desc)) from t
select x, (with z as (select a from t where a >= w.x) select count(*) from z) from w
select id, (select max(x) from (select x from w union select t.a)) from t
select a, sum((select count(*) from w where x = t.a)) from t group by a
select a, (select sum(a + x) from w) from t group by a
select (select count(*) from w where x < avg(t.a)) from t
select b, (select b || max(t.id)) from t group by b
