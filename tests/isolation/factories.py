"""One line per table that belongs to a site: how the isolation matrix makes a row of it.

`{t}` is the site, `{new}` a fresh uuid, `{space}` and the like the row of that table which other rows point to;
a line comes after the lines it points to.
"""

NOW = "'2026-11-19 08:40+00'"

FACTORIES: dict[str, str] = {
    # programme
    "app.term": "(tenant_id, id, key, title_de, during, created_at) "
    f"values ('{{t}}', '{{term}}', 'herbst', 'Herbst', '[2026-08-31,2026-12-19)', {NOW})",
    "app.workshop": "(tenant_id, id, number, term_id, format, topic, title_de, text_de, language, led_by, "
    "min_seats, opens_at, closes_at, cancel_until, fee, fill, offer, offer_stops, after_expiry, visibility, stakeholder, state, "
    "created_at, changed_at) values ('{t}', '{workshop}', '{workshop}', '{term}', 'talk', 'digital', 'Abend', '', 'de', "
    "'{person}', 0, '2026-11-01 08:00+01', '2026-12-01 08:00+01', 0, 0, 'strict', 0, 0, 'out', 'public', false, "
    f"'published', {NOW}, {NOW})",
    "app.seat_pool": "(tenant_id, id, workshop_id, key, name_de, seats, created_at) "
    f"values ('{{t}}', '{{seat_pool}}', '{{workshop}}', 'open', 'Offen', 20, {NOW})",
    "app.session": "(tenant_id, id, workshop_id, no, during, local_start, place, state, created_at, changed_at) "
    "values ('{t}', '{session}', '{workshop}', 1, '[2026-12-01 10:00+01,2026-12-01 12:00+01)', '2026-12-01 10:00', "
    f"'Hof', 'planned', {NOW}, {NOW})",
    "app.registration": "(tenant_id, id, workshop_id, pool, person_id, party, joined_at, state, created_at, "
    f"changed_at) values ('{{t}}', '{{registration}}', '{{workshop}}', 'open', '{{person}}', 1, {NOW}, 'confirmed', {NOW}, {NOW})",
    "app.passed_over": "(tenant_id, id, registration_id, reason, numbers, created_at) "
    f"values ('{{t}}', '{{new}}', '{{registration}}', 'pool_full', '{{{{}}}}', {NOW})",
    "app.attendance": "(tenant_id, id, session_id, registration_id, state, minutes, by, created_at, changed_at) "
    f"values ('{{t}}', '{{new}}', '{{session}}', '{{registration}}', 'present', 120, 'staff', {NOW}, {NOW})",
    # grants
    "app.fund": "(tenant_id, id, key, name_de, source, valid, recovered_money_returns, created_at) "
    f"values ('{{t}}', '{{fund}}', '{{fund}}', 'Fonds', 'city', '[2026-01-01,2027-01-01)', true, {NOW})",
    "app.budget_line": "(tenant_id, id, fund_id, year, purpose, allocated, committed, created_at) "
    f"values ('{{t}}', '{{budget_line}}', '{{fund}}', 2026, 'any', 100000, 5000, {NOW})",
    "app.guideline": "(tenant_id, id, key, edition, fund_id, name_de, valid, rules, state, created_at, changed_at) "
    "values ('{t}', '{guideline}', '{guideline}', 1, '{fund}', 'Richtlinie', '[2026-01-01,)', '{{}}', 'in_force', "
    f"{NOW}, {NOW})",
    "app.call": "(tenant_id, id, number, guideline_id, title_de, purposes, opens_at, closes_at, budget, state, "
    "created_at, changed_at) values ('{t}', '{call}', '{call}', '{guideline}', 'Aufruf', array['investment'], "
    f"'2026-11-01 08:00+01', '2026-12-01 08:00+01', 100000, 'published', {NOW}, {NOW})",
    "app.application": "(tenant_id, id, number, call_id, organisation_id, contact_id, purpose, title, requested, "
    "total_cost, eligible, jobs, state, created_at, changed_at) values ('{t}', '{application}', '{application}', "
    f"'{{call}}', '{{organisation}}', '{{person}}', 'investment', 'x', 5000, 9000, 9000, 0, 'submitted', {NOW}, {NOW})",
    "app.submission": "(tenant_id, id, application_id, no, payload, sha256, receipt, by_person, created_at) "
    f"values ('{{t}}', '{{new}}', '{{application}}', 1, '{{{{}}}}', sha256('x'), 'x', '{{person}}', {NOW})",
    "app.decision": "(tenant_id, id, application_id, no, outcome, amount, money_left, reason, created_at) "
    f"values ('{{t}}', '{{new}}', '{{application}}', 1, 'approved', 5000, 95000, '', {NOW})",
    "app.award": "(tenant_id, id, number, application_id, line_id, organisation_id, amount, share, funding, planned, "
    "state, created_at, changed_at) values ('{t}', '{award}', '{award}', '{application}', '{budget_line}', "
    f"'{{organisation}}', 5000, 350, 'share', 5000, 'noticed', {NOW}, {NOW})",
    "app.instalment": "(tenant_id, id, award_id, no, amount, trigger, state, created_at, changed_at) "
    f"values ('{{t}}', '{{instalment}}', '{{award}}', 1, 5000, 'acceptance', 'planned', {NOW}, {NOW})",
    "app.posting": "(tenant_id, id, line_id, seq, kind, amount, cause, created_at) "
    f"values ('{{t}}', '{{new}}', '{{budget_line}}', 1, 'allocate', 100000, '{{new}}', {NOW})",
    "app.file_event": "(tenant_id, id, application_id, verb, numbers, created_at) "
    f"values ('{{t}}', '{{new}}', '{{application}}', 'submitted', '{{{{}}}}', {NOW})",
}
