-- Rows of every room. $1 tenant, $2 now, $3 texts, $4 how many; r numbers the rows of {people}, {organisations}, {spaces}.
insert into app.organisation_identifier (tenant_id, id, organisation_id, kind, value, created_at)
  select $1, gen_random_uuid(), o.id, 'register', 'VR ' || r, $2 from {organisations} o where r % 2 = 0;

insert into app.plan (tenant_id, id, key, position, name_de, name_en, family, holder, kinds, nonprofit, price, per, term_months,
  notice_days, pause_months, papers, public, valid, created_at)
  select $1, gen_random_uuid(), 'plan-' || r, r, ($3)[1 + r % 9], null, 'family-' || r, 'organisation',
    case r % 2 when 0 then '{company,association}' else '{}'::text[] end, case r % 3 when 0 then null when 1 then true else false end,
    1500 * r, 'month', 12, 30, 0, '{}', r % 2 = 0, '[2025-01-01,)', $2 from generate_series(0, 3) r;
insert into app.plan_allowance (tenant_id, id, plan_id, kind, space_kinds, peak, amount, per, created_at)
  select $1, gen_random_uuid(), p.id, 'room_minutes', '{hall,desk}', 'any', 60 * r, 'month', $2
  from app.plan p, generate_series(1, 2) r where p.tenant_id = $1;
insert into app.membership (tenant_id, id, number, organisation_id, family, starts_on, ends_on, reason, state, created_at, changed_at)
  select $1, gen_random_uuid(), 'M-' || r, o.id, 'family-1', date '2026-01-01' + (r % 300)::int, case when r % 5 = 0 then date '2027-01-31' end,
    case when r % 3 = 0 then ($3)[1 + r % 10] end, case when r % 5 = 0 then 'ending' else 'active' end, $2, $2
  from {organisations} o;
insert into app.membership (tenant_id, id, number, organisation_id, family, plan_id, applied_by, applied_at, statement, state,
  created_at, changed_at)
  select $1, gen_random_uuid(), 'M-asked', o.id, 'asked', p.id, (select id from {people} q where q.r = 1), $2, ($3)[2], 'applied', $2, $2
  from {organisations} o, app.plan p where o.r = 3 and p.tenant_id = $1 and p.key = 'plan-1';
insert into app.membership_term (tenant_id, id, membership_id, plan_id, kind, during, price, created_at)
  select $1, gen_random_uuid(), m.id, p.id, 'paid', daterange(m.starts_on, null), p.price, $2
  from app.membership m join app.plan p on p.tenant_id = m.tenant_id and p.key = 'plan-1' where m.tenant_id = $1
    and m.starts_on is not null;

insert into app.file (tenant_id, id, purpose, person_id, name, told_bytes, token_hash, expires_at, begun_at, media, bytes, sha256, taken_at, state, created_at)
  select $1, gen_random_uuid(), case when r < 4 then 'membership_paper' else 'space_photo' end, (select id from {people} p where p.r = 1), ($3)[1 + r % 9],
    9, sha256(r::text::bytea), $2, $2, 'application/pdf', 9 + r, sha256('x'), $2, 'kept', $2 + r * interval '1 s' from generate_series(1, 6) r;
insert into app.membership_paper (tenant_id, id, membership_id, kind, file_id, given_by, given_at, state, note, decided_by, decided_at,
  created_at, changed_at)
  select $1, gen_random_uuid(), m.id, ($3)[1 + f.r % 9] || f.r, f.id, f.person_id, $2, (array['given', 'accepted', 'refused'])[f.r],
    case when f.r = 3 then ($3)[5] end, case when f.r > 1 then f.person_id end, case when f.r > 1 then $2 end, $2, $2
  from app.membership m, (select *, row_number() over (order by created_at) r from app.file where tenant_id = $1 and purpose = 'membership_paper') f
  where m.tenant_id = $1 and m.number = 'M-asked';

insert into app.consent (tenant_id, id, organisation_id, purpose, text_version, audience, line, given_at, given_by, created_at, withdrawn_at)
  select $1, gen_random_uuid(), o.id, 'directory', '2026-11', case when r % 2 = 0 then 'public' else 'members' end, ($3)[1 + r % 9], $2,
    (select id from {people} p where p.r = 1), $2, case when r % 4 = 0 then $2::timestamptz end from {organisations} o where r < 9;
insert into app.own_field (tenant_id, id, key, label_de, label_en, kind, choices, shared, position, state, created_at, changed_at)
  select $1, gen_random_uuid(), 'feld-' || r, left(($3)[1 + r % 9], 60), case when r % 2 = 0 then left(($3)[1 + r % 7], 60) end,
    (array['text', 'number', 'date', 'yes_no', 'choice'])[r], case when r = 5 then array['a', 'b'] else '{}'::text[] end, r % 2 = 1, r,
    case when r = 3 then 'retired' else 'active' end, $2, $2 from generate_series(1, 5) r;
insert into app.own_value (tenant_id, id, field_id, kind, organisation_id, value, created_at, changed_at)
  select $1, gen_random_uuid(), f.id, f.kind, o.id, case f.kind when 'text' then ($3)[1 + o.r % 9] when 'number' then o.r || '.5' when 'date'
    then '2026-11-19' when 'yes_no' then 'yes' else 'a' end, $2, $2
  from app.own_field f, {organisations} o where f.tenant_id = $1 and o.r < 6 and (f.position + o.r) % 3 > 0;
insert into app.import_run (tenant_id, id, name, made_by, total, faulty, done, failed, organisations, people, memberships, state, finished_at,
  created_at, changed_at)
  select $1, gen_random_uuid(), 'list-' || r, case when r > 1 then (select id from {people} p where p.r = 1) end, 9, 3, case r when 1 then 0 else 6 end,
    0, r, 2 * r, 0, (array['checked', 'running', 'done'])[r], case when r = 3 then $2 end, $2 + r * interval '1 s', $2 from generate_series(1, 3) r;
insert into app.import_row (tenant_id, id, run_id, line, cells, makes_organisation, makes_person, makes_membership, organisation_id, state, created_at)
  select $1, gen_random_uuid(), i.id, r, case when r = 4 then '{}' else jsonb_build_object('name', ($3)[1 + r % 9], 'person', ($3)[1 + r % 7]) end,
    r = 2, r < 4, false, case when r = 4 then (select id from {organisations} o where o.r = 1) end,
    (array['ready', 'faulty', 'known'])[r - 1], $2 from app.import_run i, generate_series(2, 4) r where i.tenant_id = $1;
insert into app.import_fault (tenant_id, id, run_id, line, position, heading, written, code, text_de, text_en, created_at)
  select $1, gen_random_uuid(), i.id, 3, r, ($3)[1 + r % 9], ($3)[1 + r % 8], 'FIELD_INVALID', ($3)[1 + r % 7], 'no', $2
  from app.import_run i, generate_series(0, 2) r where i.tenant_id = $1;

insert into app.file_content (tenant_id, id, file_id, variant, media, width, height, content, created_at)
  select $1, gen_random_uuid(), f.id, v, 'image/webp', 320, 240, 'x', $2 from app.file f, unnest(array['small_webp', 'large_webp']) v
  where f.tenant_id = $1 and f.purpose = 'space_photo';
insert into app.space_photo (tenant_id, id, space_id, file_id, position, alt_de, alt_en, created_at, changed_at)
  select $1, gen_random_uuid(), s.id, f.id, f.r, ($3)[1 + f.r % 9], ($3)[1 + f.r % 7], $2, $2
  from (select id from {spaces} s where s.r = 1) s,
    (select id, row_number() over (order by created_at) r from app.file where tenant_id = $1 and purpose = 'space_photo') f;

insert into app.space_part (tenant_id, id, whole_id, part_id, created_at)
  select $1, gen_random_uuid(), a.id, b.id, $2 from {spaces} a, {spaces} b where a.r = 1 and b.r in (2, 3);
insert into app.opening (tenant_id, id, space_id, kind, weekday, minutes, valid, created_at)
  select $1, gen_random_uuid(), s.id, 'open', d, int4range(480, 1080), '[2026-01-01,)', $2
  from (select id from {spaces} s where r < 3 union all select null) s, generate_series(1, 5) d;
insert into app.closure (tenant_id, id, space_id, during, kind, reason_de, created_at)
  select $1, gen_random_uuid(), case when r % 2 = 0 then (select id from {spaces} s limit 1) end,
    tstzrange($2 + r * interval '1 day', $2 + r * interval '1 day' + interval '3 h'), 'repair', ($3)[1 + r % 9], $2
  from generate_series(1, 3) r;
insert into app.opening_day (tenant_id, id, space_id, day, minutes, reason_de, created_at)
  select $1, gen_random_uuid(), case when r > 1 then (select id from {spaces} s where s.r = 1) end, date '2026-12-05' + r::int,
    int4range(600, 600 + 60 * r::int), ($3)[1 + r % 9], $2 from generate_series(1, 3) r;
insert into app.lease (tenant_id, id, booking_id, space_id, organisation_id, unit_no, starts_on, ends_on, rent_month, list_rent_month,
  notice_days, reason, state, created_at, changed_at)
  select $1, gen_random_uuid(), b.id, b.space_id, o.id, 1, date '2026-01-01' + (o.r % 300)::int, case when o.r % 2 = 0 then date '2026-12-31' end, 100 * o.r, 400,
    90, case when o.r % 2 = 0 then ($3)[1 + o.r % 10] end, case when o.r % 2 = 0 then 'notice' else 'running' end, $2, $2
  from {organisations} o join (select id, space_id, row_number() over (order by starts_at, id) r from app.booking where tenant_id = $1) b on b.r = o.r;
insert into app.calendar_feed (tenant_id, id, scope, person_id, space_id, token_hash, language, created_by, created_at, revoked_at)
  select $1, gen_random_uuid(), case when p.r % 2 = 0 then 'mine' else 'space' end, case when p.r % 2 = 0 then p.id end,
    case when p.r % 2 = 1 then (select id from {spaces} s limit 1) end, sha256(p.id::text::bytea), 'de', p.id, $2, case when p.r % 5 = 0 then $2 end
  from {people} p;
insert into app.outside_calendar (tenant_id, id, space_id, name, url_enc, host, read_at, tried_at, error, missed, state, created_at, changed_at)
  select $1, gen_random_uuid(), (select id from {spaces} s limit 1), ($3)[1 + r % 9], 'x', 'kalender.example', case when r % 2 = 0 then $2 end, $2,
    case when r % 2 = 1 then 'no_calendar' end, r, case when r = 3 then 'off' else 'active' end, $2 + r * interval '1 s', $2 from generate_series(1, 3) r;
insert into app.webhook (tenant_id, id, name, url_enc, host, events, secret_enc, seen, failing_since, old_secret_enc, old_until, off_because,
  state, created_at, changed_at)
  select $1, gen_random_uuid(), ($3)[1 + r % 9], 'x', 'tafel.example', array['booking.made', 'workshop.published'], 'x', r,
    case when r = 2 then $2 end, case when r = 1 then '\x78'::bytea end, case when r = 1 then $2 end, case when r = 3 then 'failing' end,
    case when r = 3 then 'off' else 'active' end, $2 + r * interval '1 s', $2 from generate_series(1, 3) r;
insert into app.delivery (tenant_id, id, webhook_id, event, line, part, body, attempts, send_after, tried_at, code, fault, state, created_at, changed_at)
  select $1, gen_random_uuid(), w.id, 'booking.made', r, 0, '{"text":"' || ($3)[1 + r % 9] || '"}', r, $2 + interval '1 h', $2,
    case when r > 1 then 199 + r end, case when r = 1 then 'unreachable' end, (array['waiting', 'done', 'dead'])[r], $2 + r * interval '1 s', $2
  from app.webhook w, generate_series(1, 3) r where w.tenant_id = $1;
insert into app.briefing (tenant_id, id, key, name_de, name_en, months, created_at)
  select $1, gen_random_uuid(), 'briefing-' || r, ($3)[1 + r % 9], case when r % 2 = 0 then 'machines' end, 12 * r, $2 from generate_series(1, 3) r;
insert into app.qualification (tenant_id, id, person_id, key, valid, given_by, created_at)
  select $1, gen_random_uuid(), p.id, 'briefing-1', daterange('2026-01-01', case when p.r % 2 = 0 then date '2027-01-01' + (p.r % 300)::int end),
    case when p.r % 3 = 0 then p.id end, $2 from {people} p;
insert into app.tariff (tenant_id, id, space_kind, payer, price_hour, valid, created_at)
  select $1, gen_random_uuid(), k, p, 100 * r, case r when 1 then daterange('2026-01-01', '2026-12-01') else daterange('2026-12-01', null) end, $2
  from unnest(array['hall', 'desk']) k, unnest(array['company', 'nonprofit', 'public']) p, generate_series(1, 2) r;
insert into app.support (tenant_id, id, organisation_id, kind, on_day, minutes, value, structured, source, created_at)
  select $1, gen_random_uuid(), o.id, case r % 2 when 0 then 'room' else 'advice' end, date '2026-10-01' + r::int, 60 * r, 700 * r, r % 2 = 0,
    gen_random_uuid(), $2 from {organisations} o;

insert into app.series (tenant_id, id, space_id, repeats, every, weekdays, nth, first, length, until, dates, on_conflict, booked_by,
  for_person, organisation_id, title, kind, units, visibility, state, created_at, changed_at)
  select $1, gen_random_uuid(), s.id, case r % 2 when 0 then 'weekly' else 'monthly' end, 1, '{2}', case r % 2 when 1 then -1 end,
    timestamp '2026-11-03 18:30', 90, case r % 2 when 0 then date '2026-12-31' end, case r % 2 when 1 then 6 end, 'skip',
    (select id from {people} p where p.r = 1), (select id from {people} p where p.r = 2), (select id from {organisations} o where o.r = s.r),
    ($3)[1 + r % 10], 'member', 1, 'private', case r % 3 when 0 then 'ended' else 'running' end, $2 + r * interval '1 s', $2
  from {spaces} s;
update app.booking b set series_id = s.id, series_date = date '2026-01-01' + x.n::int
  from (select id, space_id, row_number() over (order by starts_at, id) n from app.booking where tenant_id = $1) x,
    app.series s where b.tenant_id = $1 and x.id = b.id and s.tenant_id = $1 and s.space_id = b.space_id and x.n % 2 = 0;
insert into app.missed_date (tenant_id, id, series_id, date, findings, booked_as, created_at)
  select $1, gen_random_uuid(), s.id, date '2026-12-01' + n, jsonb_build_array(jsonb_build_object('code', 'CLOSED', 'de', ($3)[n], 'en', 'x')),
    case n when 1 then (select id from app.booking b where b.tenant_id = $1 and b.series_id = s.id limit 1) end, $2
  from app.series s, generate_series(1, 2) n where s.tenant_id = $1;

insert into app.term (tenant_id, id, key, title_de, during, created_at)
  values ($1, gen_random_uuid(), '2026-2', 'Herbst', '[2026-07-01,2027-01-01)', $2);
insert into app.workshop (tenant_id, id, number, term_id, format, topic, skill, title_de, title_en, text_de, language, led_by, partner_id,
  min_seats, opens_at, closes_at, cancel_until, fee, fill, offer, offer_stops, after_expiry, visibility, stakeholder, state,
  created_at, changed_at)
  select $1, gen_random_uuid(), 'W-' || r, case when r % 2 = 0 then (select id from app.term where tenant_id = $1) end,
    case r % 2 when 0 then 'workshop' else 'talk' end, 'topic ' || r % 4, case when r % 2 = 0 then 'green' end, ($3)[1 + r % 10],
    case when r % 3 = 0 then ($3)[1 + r % 7] end, '', 'de', (select id from {people} p where r = 1),
    case when r % 4 = 0 then (select id from {organisations} o where r = 1) end, 0, $2 - interval '10 d', $2 + r * interval '1 d', 60, 500 * (r % 3),
    'strict', 60, 60, 'out', case r % 3 when 0 then 'public' when 1 then 'members' else 'invited' end, false,
    case r % 4 when 0 then 'draft' else 'published' end, $2, $2
  from generate_series(1, greatest($4 / 40, 4)) r;
insert into app.seat_pool (tenant_id, id, workshop_id, key, name_de, seats, taken, created_at)
  select $1, gen_random_uuid(), w.id, k, k, 12, 3, $2 from app.workshop w, unnest(array['open', 'kept']) k where w.tenant_id = $1;
insert into app.session (tenant_id, id, workshop_id, no, during, local_start, space_id, booking_id, place, online_url, state, created_at,
  changed_at)
  select $1, gen_random_uuid(), w.id, n, tstzrange(w.closes_at, w.closes_at + interval '2 h'), w.closes_at at time zone 'Europe/Berlin',
    case when n = 1 then (select id from {spaces} s where r = 1) end, null, case when n = 2 then ($3)[1 + w.r % 10] end,
    case when n = 2 then 'https://example.org/' || w.number end, 'planned', $2, $2
  from (select *, row_number() over (order by number) r from app.workshop where tenant_id = $1) w, generate_series(1, 2) n;
insert into app.registration (tenant_id, id, workshop_id, pool, person_id, organisation_id, party, priority, joined_at, offered_until, reason,
  state, created_at, changed_at)
  select $1, gen_random_uuid(), w.id, 'open', p.id, case when p.r % 2 = 0 then (select id from {organisations} o where o.r = 1 + p.r % 3) end,
    1 + p.r % 2, p.r % 2, $2 - p.r * interval '1 min', case when p.r % 4 = 3 then $2 + interval '1 d' end,
    case when p.r % 5 = 0 then ($3)[1 + p.r % 10] end, (array['confirmed', 'waitlisted', 'cancelled', 'offered'])[1 + p.r % 4], $2, $2
  from (select *, row_number() over (order by number) r from app.workshop where tenant_id = $1) w
  join {people} p on p.r % 7 = w.r % 7 or p.r < 3;

insert into app.fund (tenant_id, id, key, name_de, source, valid, recovered_money_returns, created_at)
  select $1, gen_random_uuid(), 'fund-' || r, ($3)[r], 'city', '[2025-01-01,2029-01-01)', true, $2 from generate_series(1, 2) r;
insert into app.budget_line (tenant_id, id, fund_id, year, purpose, allocated, reserved, committed, paid, created_at)
  select $1, gen_random_uuid(), f.id, y, 'any', 5000000, 100, 2000, 1000, $2 from app.fund f, generate_series(2026, 2027) y
  where f.tenant_id = $1;
insert into app.guideline (tenant_id, id, key, edition, fund_id, name_de, valid, rules, state, created_at, changed_at)
  select $1, gen_random_uuid(), 'klein', 1, f.id, 'Klein', '[2025-01-01,2029-01-01)', '{}', 'in_force', $2, $2 from app.fund f
  where f.tenant_id = $1 and f.key = 'fund-1';
insert into app.call (tenant_id, id, number, guideline_id, title_de, purposes, opens_at, closes_at, budget, approved, state, created_at,
  changed_at)
  select $1, gen_random_uuid(), 'A-' || r, g.id, ($3)[r], '{investment,prototype}', $2 - r * interval '20 d',
    $2 + (2 - r) * interval '20 d', 900000, 700, (array['open', 'draft', 'closed'])[r], $2, $2
  from app.guideline g, generate_series(1, 3) r where g.tenant_id = $1;
insert into app.application (tenant_id, id, number, call_id, organisation_id, contact_id, purpose, title, requested, total_cost, eligible,
  jobs, starts_on, submitted_at, decided_at, approved, reason, state, created_at, changed_at)
  select $1, gen_random_uuid(), 'F-' || r, (select id from app.call where tenant_id = $1 and number = 'A-1'), o.id,
    (select id from {people} p where p.r = 1), 'investment', ($3)[1 + r % 10], 1000 + r, 9000, 5000, r % 4, null,
    $2 - r * interval '1 min', case when r % 2 = 0 then $2 end, case when r % 2 = 0 then 900 end, null,
    case r % 2 when 0 then 'approved' else 'submitted' end, $2, $2
  from {organisations} o;
insert into app.award (tenant_id, id, number, application_id, line_id, organisation_id, amount, share, funding, noticed_on, planned, paid,
  state, created_at, changed_at)
  select $1, gen_random_uuid(), 'Z-' || a.number, a.id, (select id from app.budget_line where tenant_id = $1 limit 1), a.organisation_id,
    900, 500, 'share', date '2026-11-01', 800, 300, 'active', $2, $2 from app.application a where a.tenant_id = $1 and a.state = 'approved';
insert into app.instalment (tenant_id, id, award_id, no, amount, trigger, state, requested_by, checked_by, created_at, changed_at)
  select $1, gen_random_uuid(), a.id, n, 100 * n, 'call_for_funds', case n when 1 then 'requested' when 3 then 'checked' else 'planned' end,
    case when n = 3 then (select id from {people} p where p.r = 1) end, case when n = 3 then (select id from {people} p where p.r = 2) end, $2, $2
  from app.award a, generate_series(1, 3) n where a.tenant_id = $1;
insert into app.posting (tenant_id, id, line_id, seq, kind, amount, cause, award_id, created_at)
  select $1, gen_random_uuid(), l.id, n, 'allocate', 100 * n, 'fund ' || l.id || n,
    case when n = 2 then (select id from app.award where tenant_id = $1 limit 1) end, $2
  from app.budget_line l, generate_series(1, 2) n where l.tenant_id = $1;

insert into city.figure (tenant_id, city_id, code, version, min_n, period, slice, n, num, den, tallied_at)
  select t.id, t.city_id, i.code, i.version, i.min_n, '[2026-10-01,2026-11-01)', s, n, n * 2, case i.unit when 'permille' then 1000 end, $2
  from city.tenant t, city.indicator i, unnest(array['all', 'kind:hall']) s,
    lateral (select case when length(i.code) % 3 = 0 then null else i.min_n + length(i.code) end n) x where t.id = $1;
