"""One line per table that belongs to a site: how the isolation matrix makes a row of it.

`{t}` is the site, `{city}` its city, `{now}` an instant, `{new}` a fresh uuid, `{space}` and the like the row of that
table which other rows point to; a line comes after the lines it points to. A table whose rows nobody may change or
delete stands in INSERT_ONLY too.
"""

import re
from collections.abc import Container, Iterator
from uuid import UUID

from quartier.kit.ids import new_id

INSERT_ONLY = frozenset(
    {
        "app.audit_entry",
        "app.decision",
        "app.file_event",
        "app.look_entry",
        "app.notice_text",
        "app.passed_over",
        "app.posting",
        "app.submission",
        "auth.event",
    }
)
FACTORIES: dict[str, str] = {
    # the anchor, tenancy
    "app.site": """(tenant_id, slug, name_de, short_de, number_prefix, changed_at)
        values ('{t}', 'haus', 'Haus', 'Haus', 'H', '{now}')""",
    "app.setting": """(tenant_id, id, key, value, valid_from, created_at)
        values ('{t}', '{new}', '{new}', '1', '2026-01-01', '{now}')""",
    "app.counter": "(tenant_id, kind, year, last) values ('{t}', 'B', 2026, 7)",
    "app.audit_entry": """(tenant_id, id, seq, action, numbers, request_id, created_at, hash)
        values ('{t}', '{new}', 1, 'x.done', '{}', '-', '{now}', sha256('x'))""",
    "app.audit_head": "(tenant_id, seq, hash) values ('{t}', 1, sha256('x'))",
    "app.idempotency": """(tenant_id, id, caller, key, payload_hash, created_at)
        values ('{t}', '{new}', 'house', '{new}', sha256('x'), '{now}')""",
    "app.job_receipt": "(tenant_id, job_id, created_at) values ('{t}', 4711, '{now}')",
    "app.job_due": "(tenant_id, kind, due, created_at) values ('{t}', 'x', '{now}', '{now}')",
    # access
    "app.person": """(tenant_id, id, name, sort_key, state, created_at, changed_at)
        values ('{t}', '{person}', 'Lena Voss', 'voss lena', 'active', '{now}', '{now}')""",
    "auth.role_grant": """(tenant_id, id, person_id, role, source, valid_from, valid_until, created_at)
        values ('{t}', '{new}', '{person}', 'manager', 'test', '{now}', '2027-11-19 08:40+00', '{now}')""",
    "auth.role_holder": """(tenant_id, person_id, roles, changed_at)
        values ('{t}', '{person}', array['manager'], '{now}')""",
    "auth.identity_provider": """(tenant_id, id, slug, name_de, issuer, client_id, auth_method, scope, algorithms, par,
        claims_from, required_claims, role_ceiling, strong, auto_approve, state, created_at, changed_at)
        values ('{t}', '{identity_provider}', 'p' || left('{identity_provider}', 8), 'Institut',
        'https://{identity_provider}.example', 'haus', 'private_key_jwt', array['openid'], '{ES256}', 'never', 'either',
        '{}', '{}', false, false, 'active', '{now}', '{now}')""",
    "auth.provider_rule": """(tenant_id, id, provider, claim_value, role)
        values ('{t}', '{new}', '{identity_provider}', '{new}', 'jury')""",
    "auth.signing_key": """(tenant_id, id, kid, private_enc, public, active_from, ends_at)
        values ('{t}', '{new}', '{new}', 'x', '{}', '{now}', '2027-11-19 08:40+00')""",
    "auth.external_identity": """(tenant_id, id, issuer, subject, provider, person_id, linked_by, created_at,
        last_login)
        values ('{t}', '{new}', 'https://x.example', '{new}', '{identity_provider}', '{person}', 'first_login',
        '{now}', '{now}')""",
    "auth.login_transaction": """(tenant_id, id, provider, state_hash, browser_hash, nonce, verifier, redirect_uri,
        next, purpose, expires_at)
        values ('{t}', '{new}', '{identity_provider}', sha256('{new}'), sha256('x'), 'n', 'v', 'https://x.example',
        '/', 'login', '{now}')""",
    "auth.logout_jti": """(tenant_id, id, provider, jti, expires_at)
        values ('{t}', '{new}', '{identity_provider}', '{new}', '{now}')""",
    "auth.session": """(tenant_id, id, person_id, token_hash, method, created_at, last_seen, expires_at)
        values ('{t}', '{new}', '{person}', sha256('{new}'), 'demo', '{now}', '{now}', '{now}')""",
    "auth.login_address": """(tenant_id, id, person_id, address)
        values ('{t}', '{new}', '{person}', '{new}@mail.example')""",
    "auth.login_code": """(tenant_id, id, person_id, code_hash, browser_hash, created_at, expires_at)
        values ('{t}', '{new}', '{person}', sha256('x'), sha256('{new}'), '{now}', '{now}')""",
    "auth.passkey": """(tenant_id, id, person_id, credential_id, public_key, sign_count, name, backed_up, created_at)
        values ('{t}', '{new}', '{person}', sha256('{new}'), 'x', 0, 'Laptop', false, '{now}')""",
    "auth.challenge": """(tenant_id, id, hash, browser_hash, kind, expires_at)
        values ('{t}', '{new}', sha256('{new}'), sha256('x'), 'login', '{now}')""",
    "auth.invitation": """(tenant_id, id, token_hash, address, language, role, created_at, expires_at)
        values ('{t}', '{new}', sha256('{new}'), '{new}@mail.example', 'de', 'observer', '{now}', '2099-01-01')""",
    "auth.idempotency": """(tenant_id, id, caller, key, payload_hash, created_at)
        values ('{t}', '{new}', 'house', '{new}', sha256('x'), '{now}')""",
    "auth.api_client": """(tenant_id, id, client_id, name, secret_hash, scopes, created_at, expires_at)
        values ('{t}', '{api_client}', '{api_client}', 'Tafel', sha256('x'), '{}', '{now}', '{now}')""",
    "auth.api_token": """(tenant_id, id, hash, client, scopes, issued_at, expires_at)
        values ('{t}', '{new}', sha256('{new}'), '{api_client}', '{}', '{now}', '{now}')""",
    "auth.attempt": "(tenant_id, key_hash, window_start, n) values ('{t}', sha256('x'), '{now}', 1)",
    "auth.event": "(tenant_id, id, kind, request_id, created_at) values ('{t}', '{new}', 'signed_in', '-', '{now}')",
    "auth.event_head": "(tenant_id, seq, hash) values ('{t}', 1, sha256('x'))",
    "auth.event_count": "(tenant_id, month, kind, reason, n) values ('{t}', '2020-01-01', 'signed_in', '', 3)",
    "app.log_count": "(tenant_id, log, month, kind, n) values ('{t}', 'acts', '2020-01-01', 'x.done', 3)",
    "app.look_entry": """(tenant_id, id, fields, subjects, times, request_id, created_at)
        values ('{t}', '{new}', '{Person.email}', '{}', 1, '-', '{now}')""",
    "app.file": """(tenant_id, id, purpose, person_id, name, told_bytes, token_hash, expires_at, begun_at,
        media, bytes, sha256, taken_at, state, created_at)
        values ('{t}', '{file}', 'membership_paper', '{person}', 'a.pdf', 9, sha256('{file}'), '{now}', '{now}',
        'application/pdf', 9, sha256('x'), '{now}', 'taken', '{now}')""",
    "app.file_content": """(tenant_id, id, file_id, variant, media, content, created_at)
        values ('{t}', '{new}', '{file}', 'whole', 'application/pdf', 'x', '{now}')""",
    # members
    "app.organisation": """(tenant_id, id, name, sort_key, kind, nonprofit, economic, about_de, partner_roles, tags,
        state, created_at, changed_at)
        values ('{t}', '{organisation}', 'Kontor', 'kontor', 'company', false, true, '', '{}', '{}', 'active',
        '{now}', '{now}')""",
    "app.organisation_identifier": """(tenant_id, id, organisation_id, kind, value, created_at)
        values ('{t}', '{new}', '{organisation}', 'vat', 'DE123456789', '{now}')""",
    "app.affiliation": """(tenant_id, id, person_id, organisation_id, role, during, created_at)
        values ('{t}', '{new}', '{person}', '{organisation}', 'owner', '[2026-01-01,)', '{now}')""",
    "app.plan": """(tenant_id, id, key, position, name_de, family, holder, kinds, price, per, term_months,
        notice_days, pause_months, papers, public, valid, created_at)
        values ('{t}', '{plan}', 'haus', 1, 'Haus', 'house', 'organisation', '{}', 9000, 'month', 12, 30, 0, '{}',
        true, '[2026-01-01,)', '{now}')""",
    "app.plan_allowance": """(tenant_id, id, plan_id, kind, space_kinds, peak, amount, per, created_at)
        values ('{t}', '{plan_allowance}', '{plan}', 'room_minutes', '{}', 'any', 600, 'month', '{now}')""",
    "app.membership": """(tenant_id, id, number, organisation_id, family, starts_on, state, created_at, changed_at)
        values ('{t}', '{membership}', '{membership}', '{organisation}', 'house', '2026-01-01', 'active', '{now}',
        '{now}')""",
    "app.membership_term": """(tenant_id, id, membership_id, plan_id, kind, during, price, created_at)
        values ('{t}', '{new}', '{membership}', '{plan}', 'paid', '[2026-01-01,)', 9000, '{now}')""",
    "app.membership_paper": """(tenant_id, id, membership_id, kind, file_id, given_by, given_at, state, created_at,
        changed_at)
        values ('{t}', '{membership_paper}', '{membership}', '{membership_paper}', '{file}', '{person}', '{now}',
        'given', '{now}', '{now}')""",
    "app.allowance_balance": """(tenant_id, id, membership_id, allowance_id, period, granted, used, created_at)
        values ('{t}', '{allowance_balance}', '{membership}', '{plan_allowance}', '[2026-12-01,2027-01-01)', 600, 120,
        '{now}')""",
    "app.consent": """(tenant_id, id, organisation_id, purpose, text_version, audience, line, given_at, given_by,
        created_at) values ('{t}', '{new}', '{organisation}', 'directory', '2026-11', 'public', '', '{now}', '{person}',
        '{now}')""",
    "app.own_field": """(tenant_id, id, key, label_de, kind, choices, shared, position, state, created_at, changed_at)
        values ('{t}', '{own_field}', 'f-{new}', 'Schwerpunkt', 'text', '{}', true, 1, 'active', '{now}',
        '{now}')""",
    "app.own_value": """(tenant_id, id, field_id, kind, organisation_id, value, created_at, changed_at)
        values ('{t}', '{new}', '{own_field}', 'text', '{organisation}', 'Holz', '{now}', '{now}')""",
    "app.import_run": """(tenant_id, id, name, made_by, total, faulty, organisations, people, memberships, state,
        created_at, changed_at)
        values ('{t}', '{import_run}', 'liste.csv', '{person}', 2, 1, 1, 1, 0, 'checked', '{now}', '{now}')""",
    "app.import_row": """(tenant_id, id, run_id, line, cells, makes_organisation, makes_person, makes_membership, state,
        created_at)
        values ('{t}', '{new}', '{import_run}', 2 + abs(hashtext('{new}')) % 1000000, '{"name": "Kontor"}', true, true,
        false, 'ready', '{now}')""",
    "app.import_fault": """(tenant_id, id, run_id, line, position, heading, written, code, text_de, text_en, created_at)
        values ('{t}', '{new}', '{import_run}', 3, 1, 'Art', 'Klub', 'FIELD_INVALID', 'Nein', 'No', '{now}')""",
    # spaces
    "app.space": """(tenant_id, id, key, position, name_de, kind, persons, units, floor, step_free, access,
        equipment, grid, min, max, lead, horizon_days, before, after, approval, request_blocks, hold, checkin,
        checkin_opens, grace, cancel_until, who, lease_only, list_price_hour, state, created_at, changed_at)
        select '{t}', v.id::uuid, v.id, 1, 'Saal', 'hall', 60, 1, '0', true, '{}', '{}', 15, 15, 600, 0, 60, 0, 0,
        false, false, 0, 'none', 0, 0, 0, 'members', false, 2000, 'open', '{now}', '{now}' from (values ('{space}'),
        ('{part}')) v(id)""",
    "app.space_photo": """(tenant_id, id, space_id, file_id, position, alt_de, alt_en, created_at, changed_at)
        values ('{t}', '{space_photo}', '{space}', '{file}', 1, 'Ein Raum', 'A room', '{now}', '{now}')""",
    "app.space_part": """(tenant_id, id, whole_id, part_id, created_at)
        values ('{t}', '{new}', '{space}', '{part}', '{now}')""",
    "app.opening": """(tenant_id, id, space_id, kind, weekday, minutes, valid, created_at)
        values ('{t}', '{new}', '{space}', 'open', 1, '[480,1200)', '[2026-01-01,)', '{now}')""",
    "app.closure": """(tenant_id, id, space_id, during, kind, reason_de, created_at)
        values ('{t}', '{new}', '{space}', '[2026-12-24 00:00+01,2026-12-27 00:00+01)', 'holiday', 'Fest', '{now}')""",
    "app.series": """(tenant_id, id, space_id, repeats, every, weekdays, first, length, dates, on_conflict, title, kind,
        units, visibility, state, created_at, changed_at)
        values ('{t}', '{series}', '{space}', 'weekly', 1, array[2], '2026-12-01 18:00', 120, 4, 'skip', '', 'internal',
        1, 'private', 'running', '{now}', '{now}')""",
    "app.missed_date": """(tenant_id, id, series_id, date, findings, created_at)
        values ('{t}', '{new}', '{series}', date '2030-01-01' + abs(hashtext('{new}')) % 100000, '[]', '{now}')""",
    "app.booking": """(tenant_id, id, number, space_id, units, during, local_start, before, after, kind, title,
        visibility, price, list_price, late, state, created_at, changed_at)
        values ('{t}', '{booking}', '{booking}', '{space}', 1, '[2026-12-01 10:00+01,2026-12-01 12:00+01)',
        '2026-12-01 10:00', 0, 0, 'member', 'Treffen', 'private', 0, 0, false, 'confirmed', '{now}', '{now}')""",
    "app.allowance_use": """(tenant_id, id, booking_id, balance_id, minutes, created_at)
        values ('{t}', '{new}', '{booking}', '{allowance_balance}', 120, '{now}')""",
    "app.occupancy": """(tenant_id, id, booking_id, space_id, unit_no, during, created_at)
        values ('{t}', '{new}', '{booking}', '{part}', 1, '[2026-12-01 10:00+01,2026-12-01 12:00+01)', '{now}')""",
    "app.tariff": """(tenant_id, id, space_kind, payer, price_hour, valid, created_at)
        select '{t}', v.id, 'hall', 'company', 2800, daterange(v.day, v.day + 1), '{now}'
        from (select '{new}'::uuid id, date '2030-01-01' + abs(hashtext('{new}')) % 100000 as day) v""",
    "app.opening_day": """(tenant_id, id, space_id, day, minutes, reason_de, created_at)
        values ('{t}', '{new}', '{space}', date '2030-01-01' + abs(hashtext('{new}')) % 100000, '[600,900)', 'Fest',
        '{now}')""",
    "app.lease": """(tenant_id, id, booking_id, space_id, organisation_id, unit_no, starts_on, rent_month,
        list_rent_month, notice_days, state, created_at, changed_at)
        values ('{t}', '{new}', '{booking}', '{space}', '{organisation}', 1, '2026-12-01', 32000, 32000, 90, 'agreed',
        '{now}', '{now}')""",
    "app.briefing": """(tenant_id, id, key, name_de, months, created_at)
        values ('{t}', '{new}', '{new}', 'Maschinen', 24, '{now}')""",
    "app.qualification": """(tenant_id, id, person_id, key, valid, created_at)
        values ('{t}', '{new}', '{person}', 'maschinen', '[2026-01-01,2028-01-01)', '{now}')""",
    "app.support": """(tenant_id, id, organisation_id, kind, on_day, minutes, value, structured, source, created_at)
        values ('{t}', '{new}', '{organisation}', 'room', '2026-12-01', 120, 2800, true, '{new}', '{now}')""",
    "app.calendar_feed": """(tenant_id, id, scope, person_id, token_hash, language, created_at)
        values ('{t}', '{new}', 'mine', '{person}', sha256('{new}'), 'de', '{now}')""",
    "app.outside_calendar": """(tenant_id, id, space_id, name, url_enc, host, state, created_at, changed_at)
        values ('{t}', '{outside_calendar}', '{space}', 'Verein', 'x', 'kalender.example', 'active', '{now}',
        '{now}')""",
    # notices
    "app.notice": """(tenant_id, id, key, person_id, language, refs, send_after, unique_key, with_calendar, state,
        created_at, changed_at)
        values ('{t}', '{new}', 'x', '{person}', 'de', '{}', '{now}', '{new}', false, 'waiting', '{now}', '{now}')""",
    "app.notice_choice": """(tenant_id, id, person_id, kind, channel, created_at, changed_at)
        values ('{t}', '{new}', '{person}', '{new}', 'off', '{now}', '{now}')""",
    "app.notice_text": """(tenant_id, id, key, language, edition, subject, body, valid_from, created_at)
        values ('{t}', '{new}', '{new}', 'de', 1, 'Betreff', 'Text', '{now}', '{now}')""",
    "app.webhook": """(tenant_id, id, name, url_enc, host, events, secret_enc, made_by, seen, state, created_at,
        changed_at)
        values ('{t}', '{webhook}', 'Tafel', 'x', 'tafel.example', array['booking.made'], 'x', '{person}', 0, 'active',
        '{now}', '{now}')""",
    "app.delivery": """(tenant_id, id, webhook_id, event, body, send_after, state, created_at, changed_at)
        values ('{t}', '{new}', '{webhook}', 'booking.made', '{}', '{now}', 'dead', '{now}', '{now}')""",
    # the city's figures and marks
    "city.figure": """(tenant_id, city_id, code, version, min_n, period, n, num)
        values ('{t}', '{city}', 'MATRIX', 1, 5, '[2026-01-01,2026-02-01)', 7, 7)""",
    "city.presence": """(tenant_id, city_id, code, version, period, mark)
        values ('{t}', '{city}', 'MATRIX', 1, '[2026-01-01,2026-02-01)', sha256('{new}'))""",
    "city.aid": """(tenant_id, city_id, reference, mark, entry, granted_on, cents, rule)
        values ('{t}', '{city}', '{new}', sha256('{new}'), sha256('{new}'), '2020-01-01', 1, 'general')""",
    "city.aid_link": "(tenant_id, city_id, mark_a, mark_b) values ('{t}', '{city}', '\\x01', '\\x02')",
    "city.aid_lookup": "(tenant_id, city_id, mark, reference) values ('{t}', '{city}', '\\x01', '{new}')",
    # programme
    "app.term": """(tenant_id, id, key, title_de, during, created_at)
        values ('{t}', '{term}', 'herbst', 'Herbst', '[2026-08-31,2026-12-19)', '{now}')""",
    "app.workshop": """(tenant_id, id, number, term_id, format, topic, title_de, text_de, language, led_by,
        min_seats, opens_at, closes_at, cancel_until, fee, fill, offer, offer_stops, after_expiry, visibility,
        stakeholder, state, created_at, changed_at)
        values ('{t}', '{workshop}', '{workshop}', '{term}', 'talk', 'digital', 'Abend', '', 'de', '{person}', 0,
        '2026-11-01 08:00+01', '2026-12-01 08:00+01', 0, 0, 'strict', 0, 0, 'out', 'public', false, 'published',
        '{now}', '{now}')""",
    "app.seat_pool": """(tenant_id, id, workshop_id, key, name_de, seats, created_at)
        values ('{t}', '{seat_pool}', '{workshop}', 'open', 'Offen', 20, '{now}')""",
    "app.session": """(tenant_id, id, workshop_id, no, during, local_start, place, state, created_at, changed_at)
        values ('{t}', '{session}', '{workshop}', 1, '[2026-12-01 10:00+01,2026-12-01 12:00+01)',
        '2026-12-01 10:00', 'Hof', 'planned', '{now}', '{now}')""",
    "app.registration": """(tenant_id, id, workshop_id, pool, person_id, party, joined_at, state, created_at,
        changed_at)
        values ('{t}', '{registration}', '{workshop}', 'open', '{person}', 1, '{now}', 'confirmed', '{now}',
        '{now}')""",
    "app.passed_over": """(tenant_id, id, registration_id, reason, numbers, created_at)
        values ('{t}', '{new}', '{registration}', 'pool_full', '{}', '{now}')""",
    "app.attendance": """(tenant_id, id, session_id, registration_id, state, minutes, by, created_at, changed_at)
        values ('{t}', '{new}', '{session}', '{registration}', 'present', 120, 'staff', '{now}', '{now}')""",
    # grants
    "app.fund": """(tenant_id, id, key, name_de, source, valid, recovered_money_returns, created_at)
        values ('{t}', '{fund}', '{fund}', 'Fonds', 'city', '[2026-01-01,2027-01-01)', true, '{now}')""",
    "app.budget_line": """(tenant_id, id, fund_id, year, purpose, allocated, committed, created_at)
        values ('{t}', '{budget_line}', '{fund}', 2026, 'any', 100000, 5000, '{now}')""",
    "app.guideline": """(tenant_id, id, key, edition, fund_id, name_de, valid, rules, state, created_at, changed_at)
        values ('{t}', '{guideline}', '{guideline}', 1, '{fund}', 'Richtlinie', '[2026-01-01,)',
        '{"name_de": "x", "purposes": ["investment"], "funding": "share", "rate_permille": 350, "cap_cents":
        5000, "bonus_per_job_cents": 0, "max_cents": 5000, "min_eligible_cents": 0, "min_item_cents": 0,
        "rounding": "down_to_cent", "who": {"kinds": ["company"], "economic": false, "seat_in_area": false,
        "max_age_years": 0, "informal_needs_carrier": false}, "costs": {"eligible": ["equipment"]}, "start":
        {"before_award": "refused"}, "pay": {"instalments": []}, "rubric": {}}', 'in_force', '{now}', '{now}')""",
    "app.call": """(tenant_id, id, number, guideline_id, title_de, purposes, opens_at, closes_at, budget, state,
        created_at, changed_at)
        values ('{t}', '{call}', '{call}', '{guideline}', 'Aufruf', array['investment'], '2026-11-01 08:00+01',
        '2026-12-01 08:00+01', 100000, 'published', '{now}', '{now}')""",
    "app.application": """(tenant_id, id, number, call_id, organisation_id, contact_id, purpose, title, requested,
        total_cost, eligible, jobs, state, created_at, changed_at)
        values ('{t}', '{application}', '{application}', '{call}', '{organisation}', '{person}', 'investment', 'x',
        5000, 9000, 9000, 0, 'submitted', '{now}', '{now}')""",
    "app.submission": """(tenant_id, id, application_id, no, payload, sha256, receipt, by_person, created_at)
        values ('{t}', '{new}', '{application}', 1, '{}', sha256('x'), 'x', '{person}', '{now}')""",
    "app.decision": """(tenant_id, id, application_id, no, outcome, amount, money_left, reason, created_at)
        values ('{t}', '{new}', '{application}', 1, 'approved', 5000, 95000, '', '{now}')""",
    "app.award": """(tenant_id, id, number, application_id, line_id, organisation_id, amount, share, funding,
        planned, state, created_at, changed_at)
        values ('{t}', '{award}', '{award}', '{application}', '{budget_line}', '{organisation}', 5000, 350, 'share',
        5000, 'noticed', '{now}', '{now}')""",
    "app.instalment": """(tenant_id, id, award_id, no, amount, trigger, state, created_at, changed_at)
        values ('{t}', '{instalment}', '{award}', 1, 5000, 'acceptance', 'planned', '{now}', '{now}')""",
    "app.posting": """(tenant_id, id, line_id, seq, kind, amount, cause, created_at)
        values ('{t}', '{new}', '{budget_line}', 1, 'allocate', 100000, '{new}', '{now}')""",
    "app.file_event": """(tenant_id, id, application_id, verb, numbers, created_at)
        values ('{t}', '{new}', '{application}', 'submitted', '{}', '{now}')""",
}

_PLACE = re.compile(r"\{([a-z_]+)\}")


class Rows:
    """The rows of one site: their ids stay the same, so that a line points to what an earlier one made."""

    def __init__(self, site: UUID, city: UUID) -> None:
        self._ids = {"t": str(site), "city": str(city), "now": "2026-11-19 08:40+00"}

    def id(self, table: str) -> str:
        """The id of the row of `app.<table>` that others point to; of "new" a fresh one each time."""
        return str(new_id()) if table == "new" else self._ids.setdefault(table, str(new_id()))

    def insert(self, table: str) -> str:
        """The statement that adds a row of this table; without a semicolon, so that a clause can follow."""
        return f"insert into {table} " + _PLACE.sub(lambda place: self.id(place[1]), FACTORIES[table])

    def all(self, there: Container[str]) -> Iterator[str]:
        """Fill the site, each table after those it points to. What is there already stays."""
        for table in FACTORIES:
            if table in there:
                yield self.insert(table) + " on conflict do nothing"
