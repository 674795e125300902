-- Functions that a history makes and calls change the schema as well.
create table town (id int);
create table house (id int);

create function protect(name text, role text default 'public') returns boolean language plpgsql as $$
begin
  if to_regclass(name) is null then
    return false;
  end if;
  execute format('alter table %I enable row level security', name);
  execute format('create policy %I on %I to %s using (true)', name || '_all', name, role);
  return true;
end $$;

create function protect_all() returns void language plpgsql set search_path = public as $$
declare
  t text;
begin
  for t in select tablename from pg_tables where schemaname = 'public' loop
    perform protect(t, 'parser_reader');
  end loop;
end $$;

create procedure label(name text) language plpgsql as $$
begin
  execute format('comment on table %I is %L', name, 'a ' || name);
end $$;

create function harmless() returns int language plpgsql as $$ begin return 1; end $$;

select protect('town');
select harmless();
call label('town');
drop policy town_all on town;
select protect_all();

do $$
begin
  if not protect('nothing') then
    call label('house');
  end if;
  if harmless() = 1 then
    alter table house add column name text;
  end if;
end $$;
