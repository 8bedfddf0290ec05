-- $4 people, each with an organisation and five bookings.
insert into app.person (tenant_id, id, name, sort_key, state, created_at, changed_at)
  select $1, gen_random_uuid(), 'Person ' || r, 'person ' || lpad(r::text, 6, '0'), 'active', $2, $2 from generate_series(1, $4) r;
insert into app.organisation (tenant_id, id, name, sort_key, kind, nonprofit, economic, about_de, partner_roles, tags, state, created_at,
  changed_at)
  select $1, gen_random_uuid(), 'Haus ' || r, 'haus ' || lpad(r::text, 6, '0'), 'company', false, true, '', '{}', '{}', 'active', $2, $2
  from generate_series(1, $4) r;
insert into app.affiliation (tenant_id, id, person_id, organisation_id, role, during, created_at)
  select $1, gen_random_uuid(), p.id, o.id, 'owner', '[2026-01-01,)', $2 from {people} p join {organisations} o on o.r = p.r where p.r > 20;
insert into app.booking (tenant_id, id, number, space_id, units, during, local_start, before, after, kind, title, visibility, for_person,
  organisation_id, price, list_price, late, state, created_at, changed_at)
  select $1, gen_random_uuid(), 'X-' || n, s.id, 1, tstzrange(begins, begins + interval '1 h'), begins at time zone 'Europe/Berlin', 0, 0, 'member', '', 'private', p.id, o.id, 0, 0,
    false, 'confirmed', $2, $2
  from generate_series(1, $4 * 5) n cross join lateral (select $2 + n * interval '1 h' as begins) x
  join {spaces} s on s.r = 1 + n % 4 join {people} p on p.r = 1 + n % $4 join {organisations} o on o.r = 1 + n % $4;
