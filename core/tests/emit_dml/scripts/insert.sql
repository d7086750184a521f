create table t(id integer primary key, a text unique, b int not null default 7, c real check(c>0), d)
insert into t values(1,'x',2,3,x'00')
insert into t values(null,1,2.0,4,'q')
insert into t(a,c) values(5.5,1)
insert into t default values
insert into t default values
insert into t(id,a,b) values(1,'z',1)
insert into t(a) values('x')
insert or replace into t(id,a,b) values(9,'x',1)
insert or ignore into t(id,a,b) values(9,'x',1)
insert or fail into t(id,a,b) values(9,'x',1)
insert or rollback into t(id,a,b) values(9,'x',1)
insert into t(c) values(-1)
insert or ignore into t(c) values(-1)
insert into t(b) values(null)
insert or replace into t(b) values(null)
insert into t(id) values('abc')
insert into t(id) values('77')
insert into t(rowid,a) values(78,'r')
insert into t(id) values(2.5)
insert into t(id) values(90.0)
create table r(a unique on conflict replace, b unique, c primary key on conflict ignore)
insert into r values(1,2,3)
insert into r values(1,5,6)
insert into r values(7,5,8)
insert into r values(7,9,6)
insert or replace into r values(1,2,6)
create table ai(id integer primary key autoincrement, v)
insert into ai(v) values('a')
insert into ai values(10,'b')
insert into ai(v) values('c')
insert into ai values(-5,'d')
insert into ai values(null,'e')
create table p(a,b,c)
create unique index pu on p(a) where b>0
insert into p values(1,1,1)
insert into p values(1,0,1)
insert into p values(1,2,1)
create index pe on p(a+b, lower(c) collate nocase desc)
insert into p values(3,4,'HELLO')
insert into p values('3','4',5)
create table pk(a integer primary key on conflict replace, b unique)
insert into pk values(1,1)
insert into pk values(2,2)
insert into pk values(1,2)
insert into pk values(1,3)
begin
insert into t(a) values('in')
savepoint s1
insert into t(a) values('in2')
rollback to s1
insert into t(a) values('in3')
release s1
commit
begin
insert into t(a) values('gone')
create table gone(a)
rollback
insert into gone values(1)
begin
insert into t(a) values('k1')
insert or rollback into t(a) values('k1')
commit
create table big(a primary key, b)
insert into big values(zeroblob(5000), 'x')
delete from p
delete from big
drop table r
drop index pe
