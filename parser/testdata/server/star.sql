-- * is what it was when the view was made.
create table a (id int primary key, x text);
create table b (id int primary key, y text);
create view plain as select * from a;
create view named as select a.*, b.y from a join b using (id);
create view nested as select q.* from (select * from a where x <> '') q;
create view common as with w as (select * from a) select w.id, w.x from w;
create view united as select * from a union all select id, y from b;
create view top as select * from plain;
create view counted as select count(a.*) as n, count(*) as m from a;
create materialized view kept as select * from a;
create view whole as select a from a;
create view made as select a.*, 1 as one from a, lateral (select a.*) l;
create view grown as select * from a;
create function rows() returns setof a language sql begin atomic select * from a; end;

alter table a add column z int;
alter table b add column z int default 1;
alter table b rename y to why;
create or replace view grown as select id, x, z from a;
create view later as select * from a;
alter table b alter column z type bigint;
