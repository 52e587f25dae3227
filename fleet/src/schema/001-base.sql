-- The shared store, as of version 1. Everything is owned by countersign_owner, who cannot log in. Hosts and
-- administrators see no table: the functions at the end are all that they may use.

do $$
begin
  if not exists (select from pg_roles where rolname = 'countersign_owner') then
    create role countersign_owner nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'countersign_host') then
    create role countersign_host nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'countersign_admin') then
    create role countersign_admin nologin;
  end if;
end
$$;
-- An administrator's machine is a host, too.
grant countersign_host to countersign_admin;
grant countersign_owner to current_user;

create schema countersign authorization countersign_owner;
set local role countersign_owner;

create table countersign.migration (
  version int primary key,
  name text not null,
  applied_at timestamptz not null default now(),
  applied_by text not null default session_user
);

create table countersign.tenant (
  id int generated always as identity primary key,
  name text not null unique,
  -- How far from this server's clock an accepted step may lie, in seconds: ten steps of a minute, and some for
  -- clocks. What a host claims beyond could keep a user out until then.
  clock_bound int not null default 900 check (clock_bound > 0)
);

create table countersign.host (
  -- The name of the role, and of the certificate.
  name text primary key,
  tenants int[] not null default '{}',
  -- Records that it may ask for in a minute.
  budget int not null default 1200 check (budget > 0),
  added_at timestamptz not null default now(),
  revoked_at timestamptz
);

-- What a host asked for in the minute that it last asked in. Several rows each, so that connections of one host do
-- not wait for each other. Not worth a log: a lost count begins anew.
create unlogged table countersign.spent (
  host text not null,
  slot int not null,
  minute bigint not null,
  records int not null,
  primary key (host, slot)
) with (fillfactor = 50);

-- Sealed records. One that was removed keeps its row, so that no version is ever given twice.
create table countersign.account (
  tenant int not null references countersign.tenant,
  name text collate "C" not null,
  version bigint not null,
  record bytea check (octet_length(record) <= 69632),
  -- The swap that made this version; who lost its answer asks with it again.
  transaction uuid not null,
  changed_by text not null,
  changed_at timestamptz not null,
  primary key (tenant, name)
) with (fillfactor = 70);

-- What changes with every attempt, apart from the records: to count one does not write a whole record anew.
create table countersign.counter (
  tenant int not null,
  name text collate "C" not null,
  -- Records handed out to judge a code by, in all and in the hour of the last of them.
  attempts bigint not null default 0,
  hour bigint not null default 0,
  in_hour int not null default 0,
  -- The last accepted step of each token, in seconds of this server's era, and the swap that accepted the last of all.
  tokens bigint[] not null default '{}',
  steps bigint[] not null default '{}',
  step_transaction uuid,
  primary key (tenant, name)
) with (fillfactor = 50);

-- Who is asking, whatever function runs: row security and the functions both begin here.
create function countersign.own_tenants() returns int[]
language sql stable security definer set search_path = countersign, pg_temp as $$
  select coalesce((select h.tenants from host h where h.name = session_user::text and h.revoked_at is null), '{}')
$$;

-- Row rights. They bind the owner of the functions too, so that a function which forgot to look at the tenant would
-- still find no row of another one.
alter table countersign.account enable row level security;
alter table countersign.account force row level security;
create policy own_tenants on countersign.account
  using (tenant = any ((select countersign.own_tenants())::int[]));
alter table countersign.counter enable row level security;
alter table countersign.counter force row level security;
create policy own_tenants on countersign.counter
  using (tenant = any ((select countersign.own_tenants())::int[]));

-- The tenant by its name, if the host that asks serves it.
create function countersign.enter(p_tenant text) returns int
language plpgsql stable security definer set search_path = countersign, pg_temp as $$
declare
  found_id int;
begin
  if not exists (select from host h where h.name = session_user::text and h.revoked_at is null) then
    raise exception 'host % is not listed, or is revoked', session_user using errcode = 'CS001';
  end if;
  select t.id into found_id from tenant t where t.name = p_tenant and t.id = any (own_tenants());
  if not found then
    raise exception 'tenant % is none of host %', p_tenant, session_user using errcode = 'CS002';
  end if;
  return found_id;
end
$$;

-- Refuses to say that somebody has no record where nobody has one, not even the fleet its key: that is a wrong or an
-- emptied database, not a tenant in which nobody is enrolled.
create function countersign.expect_founded(p_id int, p_tenant text, p_name text) returns void
language plpgsql stable security definer set search_path = countersign, pg_temp as $$
begin
  if p_name <> '.countersign.key' and not exists (
    select from account a where a.tenant = p_id and a.name = '.countersign.key' and a.record is not null
  ) then
    raise exception 'tenant % has no key record', p_tenant using errcode = 'CS003';
  end if;
end
$$;

-- Takes one record from the host's budget of this minute. False: there is none left. Names without a record cost nothing,
-- or anybody could use it up with names that they made up.
create function countersign.take_from_budget() returns boolean
language plpgsql security definer set search_path = countersign, pg_temp as $$
declare
  now_minute bigint := floor(extract(epoch from clock_timestamp()) / 60);
begin
  insert into spent as s (host, slot, minute, records)
  values (session_user::text, pg_backend_pid() % 8, now_minute, 1)
  on conflict (host, slot) do update
    set records = case when s.minute = excluded.minute then s.records + 1 else 1 end,
        minute = excluded.minute;
  return (select sum(s.records) from spent s where s.host = session_user::text and s.minute = now_minute)
      <= (select h.budget from host h where h.name = session_user::text);
end
$$;

-- The record of one user. Version 0: there has never been one.
create function countersign.load(p_tenant text, p_name text)
returns table (verdict text, version bigint, record bytea)
language plpgsql security definer set search_path = countersign, pg_temp as $$
declare
  t int := enter(p_tenant);
  found_version bigint;
  found_record bytea;
begin
  select a.version, a.record into found_version, found_record
  from account a where a.tenant = t and a.name = p_name;
  if not found then
    perform expect_founded(t, p_tenant, p_name);
    return query select 'open', 0::bigint, null::bytea;
  elsif take_from_budget() then
    return query select 'open', found_version, found_record;
  else
    return query select 'host-limited', 0::bigint, null::bytea;
  end if;
end
$$;

-- The same for judging a code. The attempt is counted before the record is out: whoever judges and does not report
-- has used it up.
create function countersign.attempt(p_tenant text, p_name text)
returns table (verdict text, version bigint, record bytea)
language plpgsql security definer set search_path = countersign, pg_temp as $$
declare
  t int := enter(p_tenant);
  now_hour bigint := floor(extract(epoch from clock_timestamp()) / 3600);
  so_far int;
  found_version bigint;
  found_record bytea;
begin
  select a.version, a.record into found_version, found_record
  from account a where a.tenant = t and a.name = p_name;
  if not found then
    perform expect_founded(t, p_tenant, p_name);
    return query select 'open', 0::bigint, null::bytea;
    return;
  end if;
  if not take_from_budget() then
    return query select 'host-limited', 0::bigint, null::bytea;
    return;
  end if;
  update counter c
  set attempts = c.attempts + 1,
      in_hour = case when c.hour = now_hour then c.in_hour + 1 else 1 end,
      hour = now_hour
  where c.tenant = t and c.name = p_name
  returning c.in_hour into so_far;
  -- Far above what the daemon's own throttle lets through: it is there for hosts that run another daemon.
  if so_far > 600 then
    return query select 'user-limited', 0::bigint, null::bytea;
    return;
  end if;
  return query select 'open', found_version, found_record;
end
$$;

-- Puts a record in the place of the version that was expected there; no record removes it. Asked again with the same
-- transaction it changes nothing and says what it said.
create function countersign.swap(
  p_tenant text, p_name text, p_expected bigint, p_record bytea,
  p_conclusion text, p_token bigint, p_step bigint, p_transaction uuid
) returns table (verdict text, version bigint)
language plpgsql security definer set search_path = countersign, pg_temp as $$
declare
  t int := enter(p_tenant);
  has_version bigint;
  has_transaction uuid;
  c record;
  place int;
  kept int := 16;
  bound int;
  now_second double precision := extract(epoch from clock_timestamp());
begin
  -- Whatever is compared with null passes: nothing may be null here but a record, and a token together with its step.
  if p_name is null or p_expected is null or p_conclusion is null or p_transaction is null
    or p_conclusion not in ('accepted', 'refused', 'changed') or (p_token is null) <> (p_step is null) then
    raise exception 'a swap is accepted, refused or changed, and has an expected version, a transaction, and both a token '
      'and its step or neither' using errcode = '22023';
  end if;
  if p_name = '.countersign.key' and not pg_has_role(session_user, 'countersign_admin', 'usage') then
    raise exception 'the key record is for administrators to change' using errcode = '42501';
  end if;
  loop
    select a.version, a.transaction into has_version, has_transaction
    from account a where a.tenant = t and a.name = p_name for update;
    exit when found;
    if p_expected <> 0 then
      return query select 'lost', 0::bigint;
      return;
    end if;
    perform expect_founded(t, p_tenant, p_name);
    if p_record is null then
      return query select 'done', 0::bigint;
      return;
    end if;
    insert into account (tenant, name, version, record, transaction, changed_by, changed_at)
    values (t, p_name, 1, p_record, p_transaction, session_user::text, now())
    on conflict do nothing;
    if found then
      insert into counter (tenant, name) values (t, p_name) on conflict do nothing;
      return query select 'done', 1::bigint;
      return;
    end if;
  end loop;

  select k.tokens, k.steps, k.step_transaction into c
  from counter k where k.tenant = t and k.name = p_name for update;
  if has_transaction = p_transaction or c.step_transaction = p_transaction then
    -- The lock of the row is written too, so this answer waits for a standby as the lost one would have.
    return query select 'done', has_version;
    return;
  end if;
  if has_version <> p_expected then
    return query select 'lost', has_version;
    return;
  end if;

  if p_conclusion = 'accepted' and p_token is not null then
    select n.clock_bound into bound from tenant n where n.id = t;
    if abs(p_step - now_second) > bound then
      return query select 'clock', has_version;
      return;
    end if;
    place := array_position(c.tokens, p_token);
    if c.steps[place] >= p_step then
      return query select 'spent', has_version;
      return;
    end if;
    if place is null then
      -- Steps that the bound refuses by itself make room. Others stay, or made-up tokens would push them out.
      if cardinality(c.tokens) >= kept then
        select coalesce(array_agg(k.token), '{}'), coalesce(array_agg(k.step), '{}') into c.tokens, c.steps
        from unnest(c.tokens, c.steps) k (token, step) where k.step >= now_second - bound;
      end if;
      if cardinality(c.tokens) >= kept then
        return query select 'clock', has_version;
        return;
      end if;
      c.tokens := p_token || c.tokens;
      c.steps := p_step || c.steps;
    else
      c.steps[place] := p_step;
    end if;
    update counter k set tokens = c.tokens, steps = c.steps, step_transaction = p_transaction
    where k.tenant = t and k.name = p_name;
  end if;
  update account a
  set version = has_version + 1, record = p_record, transaction = p_transaction,
      changed_by = session_user::text, changed_at = now()
  where a.tenant = t and a.name = p_name;
  return query select 'done', has_version + 1;
end
$$;

-- How things are, for whoever looks after the host that asks.
create function countersign.standing()
returns table (
  schema_version int, server text, is_standby boolean, commit_waits text, standbys text,
  clock double precision, listed boolean, tenants text[], administers boolean
)
language sql security definer set search_path = countersign, pg_temp as $$
  select (select max(m.version) from migration m), version(), pg_is_in_recovery(),
    current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
    extract(epoch from clock_timestamp())::double precision,
    exists (select from host h where h.name = session_user::text and h.revoked_at is null),
    array(select t.name from tenant t where t.id = any (own_tenants()) order by t.name),
    pg_has_role(session_user, 'countersign_admin', 'usage')
$$;

create function countersign.schema_version() returns int
language sql stable security definer set search_path = countersign, pg_temp as $$
  select max(m.version) from migration m
$$;

-- For administrators: the records of a tenant, some at a time, in the order of their names' bytes.
create function countersign.list(p_tenant text, p_after text, p_limit int)
returns table (name text, version bigint, record bytea)
language plpgsql security definer set search_path = countersign, pg_temp as $$
declare
  t int := enter(p_tenant);
begin
  return query select a.name::text, a.version, a.record from account a
    where a.tenant = t and a.record is not null and (p_after is null or a.name > p_after collate "C")
    order by a.name limit least(p_limit, 10000);
end
$$;

-- For administrators: forgets the hour's attempts and the last accepted steps of one user.
create function countersign.unlock(p_tenant text, p_name text) returns boolean
language plpgsql security definer set search_path = countersign, pg_temp as $$
declare
  t int := enter(p_tenant);
begin
  update counter c set in_hour = 0, tokens = '{}', steps = '{}' where c.tenant = t and c.name = p_name;
  return found;
end
$$;

-- For administrators: removes one user's record, whatever its version.
create function countersign.disable(p_tenant text, p_name text) returns boolean
language plpgsql security definer set search_path = countersign, pg_temp as $$
declare
  t int := enter(p_tenant);
begin
  update account a
  set version = a.version + 1, record = null, transaction = gen_random_uuid(),
      changed_by = session_user::text, changed_at = now()
  where a.tenant = t and a.name = p_name and a.record is not null;
  return found;
end
$$;

-- For whoever manages the database; they make roles, so they run with the caller's rights.
create function countersign.add_tenant(p_name text) returns int
language sql set search_path = countersign, pg_temp as $$
  insert into tenant (name) values (p_name) returning id
$$;

create function countersign.add_host(p_name text, p_tenants text[], p_role text default 'countersign_host') returns void
language plpgsql set search_path = countersign, pg_temp as $$
declare
  ids int[] := array(select t.id from tenant t where t.name = any (p_tenants));
begin
  if cardinality(ids) <> cardinality(p_tenants) then
    raise exception 'not all of % are tenants; add them first: select countersign.add_tenant(name)', p_tenants;
  end if;
  if p_role not in ('countersign_host', 'countersign_admin') then
    raise exception 'a host is in the role countersign_host or countersign_admin, not in %', p_role;
  end if;
  if not exists (select from pg_roles where rolname = p_name) then
    execute format('create role %I login', p_name);
  end if;
  if p_role = 'countersign_host' then
    execute format('revoke countersign_admin from %I', p_name);
  end if;
  execute format('grant %I to %I', p_role, p_name);
  if exists (select from host h where h.name = p_name and h.revoked_at is not null) then
    raise notice 'host % stays revoked: update countersign.host set revoked_at = null …', p_name;
  end if;
  insert into host (name, tenants) values (p_name, ids)
  on conflict (name) do update set tenants = excluded.tenants;
end
$$;

revoke all on all functions in schema countersign from public;
grant usage on schema countersign to countersign_host;
grant execute on function
  countersign.load(text, text),
  countersign.attempt(text, text),
  countersign.swap(text, text, bigint, bytea, text, bigint, bigint, uuid),
  countersign.standing(),
  countersign.schema_version()
to countersign_host;
grant execute on function
  countersign.list(text, text, int),
  countersign.unlock(text, text),
  countersign.disable(text, text)
to countersign_admin;
