create table t(a unique, b unique, c, primary key(c,a))
pragma index_list(t)
insert into t values(1,1,1)
insert into t values(1,1,1)
create table u(a text check(typeof(a)='text'))
insert into u values(1)
create table v(a not null on conflict replace default null)
insert into v values(null)
create table w(a int, a text)
create table w(a primary key, b primary key)
create table w(a text primary key autoincrement)
create table t(x)
create index t on t(a)
create index i on nope(a)
create index i on t(nope)
create table sqlite_x(a)
drop table sqlite_master
drop index sqlite_autoindex_t_1
create index k on sqlite_master(name)
create table main.q(a int default (1+b))
create table q(a check(nope))
create table q(a check((select 1)))
create table q(a check(?))
create index k on t(random())
insert into q values(1)
create index i on t(a)
create index i on t(a)
create index t on t(a)
create view t as select 1
create table i(a)
create table x.y(a)
drop table x.y
drop table zz
drop index zz
drop view t
create view vv as select 1
drop table vv
drop index t
create table if not exists vv(a)
create view vv as select 2
create index ii on vv(a)
create table q(a int primary key, primary key(a))
create table q(a, unique(z))
create table q(a, primary key(z))
create table q(a collate zork)
create table q2(a default a)
insert into t values(1)
insert into t values(1,2,3,4)
insert into t(a,b) values(1)
insert into t(zz) values(1)
insert into t(a,a,b,c) values(9,8,7,6)
insert into nope values(1)
update nope set a=1
delete from nope
create table q3(a default (a+1))
create unique index uu on t(b) where c>(select 1)
create index uu on t(b) where c>?
create index uu on t(sum(b))
create index uu on t(b) where random()>1
create temp table main.tt(a)
create temp table tt(a)
create index temp.ti on tt(a)
create index main.ti2 on tt(a)
begin
begin
commit
commit
rollback
release x
savepoint a
rollback to b
release a
create table tt3(a collate nocase, unique(a))
pragma index_xinfo(sqlite_autoindex_tt3_1)
create table t2(a integer primary key desc, b)
pragma index_list(t2)
create table t3(x integer, primary key(x desc))
pragma index_list(t3)
create index r on t(rowid)
create index r on t('a')
create index r3 on t("zzz")
create table t4(a primary key, b, unique(a), unique(a,b), unique(a collate nocase))
pragma index_list(t4)
create table t5(a unique on conflict replace, b unique, c unique on conflict ignore)
pragma index_list(t5)
create table x(a,b,primary key(a+1))
create table x(a,b,unique(a+1))
create table x(a default ('x'), b default ("y"))
create table y(a) without rowid
create table y(a integer primary key autoincrement) without rowid
create table f(a references x(a,b))
create table f(a, foreign key(a) references x(a,b))
create table f(a, foreign key(z) references x(a))
create table f(a,check(a>0),constraint c check(sum(a)>1))
create table f(a, constraint c check(nofun(a)))
create table f(a check(x.a))
create table f(a check(f.a>0), b check(rowid>0))
create table f2(a generated always as (1) primary key)
create table f2(a as (1))
create table f3(a int default -5, b default +5, c default null, d default 'x''y', e default x'00', f default current_timestamp, g default (1+2), h default true, i default hello)
pragma table_info(f3)
create table f4(a blob, b "my type" (10, 20), c varchar (30) , d unsigned   big int)
pragma table_info(f4)
create table sqlite_sequence(a)
drop index nope.x
create index nope.x on t(a)
create table e()
create table dd(a int not null not null unique unique primary key, check(a))
pragma index_list(dd)
insert into dd values(0)
insert into dd values('abc')
insert into dd values(null)
create table au(id integer primary key autoincrement)
drop table sqlite_sequence
insert into sqlite_schema values(1,2,3,4,5)
update sqlite_master set sql=1
delete from sqlite_schema
create table au2(id integer primary key asc autoincrement)
insert into au values(9223372036854775807)
insert into au values(null)
insert into au2 values('x')
insert into t2(a) values('x')
insert into t3 values('x')
insert into t3 values(1.5)
insert into t3 values('3.0')
insert into vv values(1)
delete from vv
update vv set a=1
update vv set "1"=1
create view v3 as select nope
drop view if exists zz
drop view zz
drop view vv.x
pragma user_version=5
pragma user_version
pragma foreign_keys
pragma nope
pragma journal_mode
pragma journal_mode=wal
pragma synchronous
pragma cache_size
pragma page_size
pragma encoding
pragma auto_vacuum
pragma locking_mode
pragma temp_store
pragma secure_delete
pragma mmap_size
pragma max_page_count
pragma cache_spill
pragma foreign_keys=on
pragma foreign_keys
pragma foreign_keys=off
pragma busy_timeout
pragma busy_timeout=100
pragma wal_checkpoint
pragma table_info(nope)
pragma index_list(nope)
pragma x.user_version
pragma user_version='abc'
pragma user_version
pragma user_version=-3
pragma user_version
pragma main.user_version
pragma integrity_check
pragma quick_check
pragma integrity_check(t)
pragma integrity_check(nope)
pragma integrity_check(1)
pragma collation_list
pragma database_list
pragma freelist_count
pragma page_count
pragma schema_version
pragma schema_version=99
pragma schema_version
pragma defer_foreign_keys
pragma soft_heap_limit
pragma threads
pragma wal_autocheckpoint
pragma journal_size_limit
pragma analysis_limit
pragma shrink_memory
pragma table_info
pragma foreign_key_list(t)
pragma writable_schema
pragma trusted_schema
pragma recursive_triggers
pragma ignore_check_constraints
pragma query_only
pragma automatic_index
pragma fullfsync
pragma count_changes
pragma legacy_alter_table
pragma read_uncommitted
pragma cell_size_check
pragma short_column_names
pragma temp_store=2
pragma temp_store
pragma locking_mode=exclusive
pragma index_info(i)
pragma index_xinfo(i)
drop table t
pragma integrity_check
pragma freelist_count
drop index if exists i
