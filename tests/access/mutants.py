"""Every check of the ways in, taken out one at a time: what it says, what stands there without it, who notices.

`test_mutants.py` holds that each check still stands as it is written here, once, and that the test named beside it is
there; with `-m slow` it takes them out in a copy of the house, one by one, and that test has to fail.
"""

from dataclasses import dataclass
from pathlib import Path

ACCESS = Path("platform/quartier/access")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A check of a file, what is left without it, and the test that turns red."""

    file: str
    check: str
    without: str
    test: str

    @property
    def path(self) -> Path:
        return ACCESS / self.file


# Left out because another check implies them: the end of a session in its query (what it stands for ends with it), and
# the kind of grant (Authlib knows no other one here).
MUTANTS = (
    Mutant(
        "partners/transactions.py",
        "and state_hash = $3 and browser_hash = $4 and expires_at",
        "and state_hash = $3 and $4::bytea is not null and expires_at",
        "test_partner_sign_in.py::test_one_state_is_for_one_browser_and_one_of_six_callbacks",
    ),
    Mutant(
        "partners/transactions.py",
        "where tenant_id = $1 and provider = $2 and state_hash",
        "where tenant_id = $1 and $2::uuid is not null and state_hash",
        "test_partner_checks.py::test_a_state_of_one_institution_is_none_at_another",
    ),
    Mutant(
        "partners/transactions.py",
        (" and expires_at > $5\nreturning"),
        (" and $5::timestamptz is not null\nreturning"),
        "test_partner_checks.py::test_a_state_that_is_too_old_is_none",
    ),
    Mutant(
        "partners/protocol.py",
        '    if told is None and document.get("authorization_response_iss_parameter_supported"):',
        "    if False:",
        "test_partner_sign_in.py::test_a_mixed_up_answer_never_reaches_a_token_endpoint",
    ),
    Mutant(
        "partners/protocol.py",
        "    if told is not None and told != provider.issuer:",
        "    if False:",
        "test_partner_sign_in.py::test_a_mixed_up_answer_never_reaches_a_token_endpoint",
    ),
    Mutant(
        "partners/protocol.py",
        ('    if not answer.get("code"):\n        raise LoginFailed("bad_request")\n    return answer["code"]'),
        '    return answer.get("code", "c")',
        "test_partner_checks.py::test_an_answer_without_a_code_never_reaches_the_token_endpoint",
    ),
    Mutant(
        "partners/protocol.py",
        'info is None or info.get("sub") != subject:',
        "info is None:",
        "test_partner_sign_in.py::test_a_forged_word_opens_nothing",
    ),
    Mutant(
        "partners/protocol.py",
        '    if provider.claims_from == "userinfo" and not document.get("userinfo_endpoint"):',
        "    if False:",
        "test_partner_faults.py::test_a_missing_userinfo_is_no_silent_pass",
    ),
    Mutant(
        "partners/protocol.py",
        '        "code_verifier": started.verifier,\n',
        "",
        "test_partner_leaving.py::test_we_show_who_we_are_by_a_key_and_push_what_we_ask",
    ),
    Mutant(
        "partners/metadata.py",
        '    if document.get("issuer") != issuer:',
        "    if False:",
        "test_partner_sign_in.py::test_a_document_of_another_issuer_is_not_taken",
    ),
    Mutant(
        "partners/metadata.py",
        (
            "        if not may_be_asked(document.get(name), loopback=loopback):\n"
            "            yield name\n"
            "    for name in OFFERED"
        ),
        ("        pass\n    for name in OFFERED"),
        "test_partner_faults.py::test_no_endpoint_leads_anywhere_odd",
    ),
    Mutant(
        "partners/metadata.py",
        "        if name in document and not may_be_asked(document[name], loopback=loopback):",
        "        if False:",
        "test_partner_faults.py::test_no_endpoint_leads_anywhere_odd",
    ),
    Mutant(
        "partners/metadata.py",
        '    if "S256" not in listed(document, "code_challenge_methods_supported", ("S256",)):',
        "    if False:",
        "test_partner_faults.py::test_a_document_whose_lists_are_none_is_refused",
    ),
    Mutant(
        "partners/metadata.py",
        'key.get("kty") == "oct" or key.get("use", "sig") != "sig"',
        "False",
        "test_partner_checks.py::test_shared_secrets_and_keys_for_something_else_are_no_keys",
    ),
    Mutant(
        "partners/metadata.py",
        "            if not may_be_asked(name, loopback=self.loopback):",
        "            if False:",
        "test_partner_checks.py::test_an_issuer_whose_address_may_not_be_used_is_not_asked",
    ),
    Mutant(
        "partners/network.py",
        "                        if len(body) > self.largest:",
        "                        if False:",
        "test_partner_checks.py::test_an_answer_that_is_too_large_is_not_read_to_its_end",
    ),
    Mutant(
        "partners/network.py",
        "follow_redirects=False",
        "follow_redirects=True",
        "test_partner_checks.py::test_a_provider_that_sends_us_elsewhere_is_not_followed",
    ),
    Mutant(
        "partners/network.py",
        "    return found.is_global and not found.is_multicast",
        "    return True",
        "test_partner_faults.py::test_no_name_leads_into_a_network_of_our_own",
    ),
    Mutant(
        "partners/tokens.py",
        ('        "iss": {"essential": True, "value": provider.issuer},\n        "aud"'),
        ('        "iss": {"essential": True},\n        "aud"'),
        "test_partner_sign_in.py::test_a_forged_word_opens_nothing",
    ),
    Mutant(
        "partners/tokens.py",
        ('        "aud": {"essential": True, "value": provider.client_id},\n        "sub"'),
        ('        "aud": {"essential": True},\n        "sub"'),
        "test_partner_checks.py::test_a_word_for_others_is_refused_even_if_we_are_named_as_who_asked",
    ),
    Mutant(
        "partners/tokens.py",
        ('        "nonce": {"essential": True, "value": nonce},\n    }\n    params = {"nonce": nonce, '),
        ("    }\n    params = {"),
        "test_partner_sign_in.py::test_a_forged_word_opens_nothing",
    ),
    Mutant(
        "partners/tokens.py",
        '"access_token": access_token}',
        '"access_token": None}',
        "test_partner_checks.py::test_a_wrong_hash_of_the_access_token_is_refused",
    ),
    Mutant(
        "partners/tokens.py",
        '    if not all(map(_is_moment, (found["exp"], found["iat"], found.get("auth_time", 0)))):',
        "    if False:",
        "test_partner_faults.py::test_every_bent_claim_is_a_refusal_and_opens_nothing",
    ),
    Mutant(
        "partners/tokens.py",
        '    if not all(is_word(found[name]) for name in ("sub", "sid") if name in found):',
        "    if False:",
        "test_partner_faults.py::test_every_bent_claim_is_a_refusal_and_opens_nothing",
    ),
    Mutant(
        "partners/tokens.py",
        "    if isinstance(audience, list) and set(audience) != {provider.client_id}:",
        "    if False:",
        "test_partner_checks.py::test_a_word_for_others_is_refused_even_if_we_are_named_as_who_asked",
    ),
    Mutant(
        "partners/tokens.py",
        '    if found["iat"] < time.time() - OLDEST:',
        "    if False:",
        "test_partner_sign_in.py::test_a_forged_word_opens_nothing",
    ),
    Mutant(
        "partners/tokens.py",
        '    if max_age is not None and not is_fresh(found.get("auth_time"), max_age):',
        "    if False:",
        "test_partner_leaving.py::test_what_is_no_fresh_proof_of_the_same_person_changes_nothing",
    ),
    Mutant(
        "partners/tokens.py",
        "LEEWAY = 60 ",
        "LEEWAY = 600 ",
        "test_partner_checks.py::test_clocks_may_differ_by_a_minute_and_a_word_may_be_ten_minutes_old",
    ),
    Mutant(
        "partners/tokens.py",
        '        "nonce" not in claims  # else',
        "        True  # else",
        "test_partner_leaving.py::test_no_other_word_ends_anything",
    ),
    Mutant(
        "partners/tokens.py",
        "        and isinstance(events.get(EVENT), dict)\n",
        "",
        "test_partner_leaving.py::test_no_other_word_ends_anything",
    ),
    Mutant(
        "partners/tokens.py",
        '        and claims["iat"] >= time.time() - OLDEST\n',
        "",
        "test_partner_leaving.py::test_no_other_word_ends_anything",
    ),
    Mutant(
        "partners/tokens.py",
        "    if not algorithms:  # joserfc",
        "    if False:  # joserfc",
        "test_partner_checks.py::test_without_an_algorithm_that_both_know_nothing_is_believed",
    ),
    Mutant(
        "partners/tokens.py",
        "if (kind.lower() if isinstance(kind, str) else kind) not in types or not",
        "if not",
        "test_partner_checks.py::test_a_word_of_another_kind_is_no_id_token",
    ),
    Mutant(
        "partners/claims.py",
        "        if name in told.claims and name in told.info and told.claims[name] != told.info[name]:",
        "        if False:",
        "test_partner_checks.py::test_two_answers_about_the_institution_are_none",
    ),
    Mutant(
        "partners/claims.py",
        "        if not any(written(each) in allowed for each in held):",
        "        if False:",
        "test_partner_checks.py::test_a_shared_issuer_lets_the_named_institution_in_alone",
    ),
    Mutant(
        "partners/claims.py",
        "        if isinstance(elsewhere, Mapping) and wanted in elsewhere:",
        "        if False:",
        "test_partner_checks.py::test_groups_that_were_left_out_take_nothing_away_and_give_a_newcomer_nothing",
    ),
    Mutant(
        "partners/claims.py",
        " & provider.ceiling - NEVER",
        " - NEVER",
        "test_partner_checks.py::test_no_rule_gives_more_than_the_ceiling",
    ),
    Mutant(
        "partners/claims.py",
        " & provider.ceiling - NEVER",
        " & provider.ceiling",
        "test_partner_sign_in.py::test_no_row_lets_a_provider_give_what_only_the_house_gives",
    ),
    Mutant(
        "partners/claims.py",
        '    if source.get("email_verified") is not True or not',
        '    if not source.get("email_verified") or not',
        "test_partner_checks.py::test_an_address_is_hers_only_where_the_provider_swears_it",
    ),
    Mutant(
        "partners/accounts.py",
        ('    if state not in {"active", "pending"}:\n        raise LoginFailed("blocked")\n'),
        "",
        "test_partner_checks.py::test_a_blocked_person_comes_in_by_no_institution",
    ),
    Mutant(
        "partners/accounts.py",
        '"active" if provider.auto_approve and roles else "pending"',
        '"active"',
        "test_partner_checks.py::test_who_is_new_waits_unless_the_row_and_a_rule_let_her_in",
    ),
    Mutant(
        "partners/giving.py",
        "  or g.source like 'idp:%' and not exists (",
        "  or false and not exists (",
        "test_partner_links.py::test_who_comes_by_another_row_of_the_issuer_loses_at_once_what_the_old_one_gave",
    ),
    Mutant(
        "partners/giving.py",
        "    where i.tenant_id = $1 and i.person_id = $2 and g.source = 'idp:' || i.provider))",
        "    where i.tenant_id = $1 and i.person_id = $2 and false))",
        "test_partner_links.py::test_an_account_that_still_comes_by_the_old_row_keeps_what_it_gave",
    ),
    Mutant(
        "partners/links.py",
        "                taken = await take_given(desk, person)",
        "                taken = set[str]()",
        "test_partner_links.py::test_untying_ends_what_every_row_gave_by_which_she_came",
    ),
    Mutant(
        "partners/leaving.py",
        '                raise LoginFailed("heard_already")\n',
        "                pass\n",
        "test_partner_leaving.py::test_the_institution_ends_a_session_and_is_heard_once",
    ),
    Mutant(
        "partners/doors.py",
        '        raise LoginFailed("other_person")\n',
        "        pass\n",
        "test_partner_leaving.py::test_what_is_no_fresh_proof_of_the_same_person_changes_nothing",
    ),
    Mutant(
        "partners/doors.py",
        "        if not is_of_institution(provider, told):",
        "        if False:",
        "test_partner_checks.py::test_a_shared_issuer_lets_the_named_institution_in_alone",
    ),
    Mutant(
        "partners/links.py",
        "    if session is None or desk.person is None or session != desk.session:",
        "    if desk.person is None:",
        "test_partner_links.py::test_the_way_back_is_for_the_session_and_the_browser_that_began_it",
    ),
    Mutant(
        "partners/links.py",
        '            if row["person_id"] != desk.person:',
        "            if False:",
        "test_partner_links.py::test_an_identity_of_somebody_else_is_not_taken",
    ),
    Mutant(
        "partners/links.py",
        ("    if left < 1:\n        yield LastWayIn()\n"),
        "",
        "test_partner_links.py::test_an_institution_that_lets_nobody_in_is_no_way_in",
    ),
    Mutant(
        "partners/links.py",
        ("            refuse(_unproven(standing, LINK))\n            kept"),
        "            kept",
        "test_partner_links.py::test_a_session_that_is_not_fresh_asks_again_first_and_once_more_on_the_way_back",
    ),
    Mutant(
        "cookies.py",
        '    if not hmac.compare_digest(form_word(secret).encode(), given.encode("utf-8", "replace")):',
        "    if False:",
        "test_sign_in.py::test_what_a_foreign_page_sends_is_refused",
    ),
    Mutant(
        "cookies.py",
        '        own = _origin(told.decode("latin-1")) == _origin(origin)',
        "        own = True",
        "test_sign_in.py::test_what_a_foreign_page_sends_is_refused",
    ),
    Mutant(
        "cookies.py",
        '        own = headers.get(b"sec-fetch-site") in {b"same-origin", b"none"}',
        "        own = True",
        "test_cookies.py::test_only_a_page_of_this_very_host_sends_forms",
    ),
    Mutant(
        "cookies.py",
        "found[0] if len(found) == 1 and _FORM",
        "found[0] if found and _FORM",
        "test_cookies.py::test_a_cookie_is_one_of_ours_once_or_none",
    ),
    Mutant(
        "forms.py",
        ' or wish.startswith("//") else wish',
        " else wish",
        "test_sign_in.py::test_the_way_back_stays_in_the_house",
    ),
    Mutant(
        "forms.py",
        ' or "\\\\" in wish\n',
        "\n",
        "test_sign_in.py::test_the_way_back_stays_in_the_house",
    ),
    Mutant(
        "codes.py",
        "where tenant_id = $1 and browser_hash = $2 and expires_at > $3 and tries < $4\n",
        "where tenant_id = $1 and browser_hash = $2 and $3::timestamptz is not null and tries < $4\n",
        "test_sign_in.py::test_a_code_is_for_one_browser_one_use_five_tries_and_ten_minutes",
    ),
    Mutant(
        "codes.py",
        " and expires_at > $3 and tries < $4\n",
        " and expires_at > $3 and $4::int is not null\n",
        "test_sign_in.py::test_a_code_is_for_one_browser_one_use_five_tries_and_ten_minutes",
    ),
    Mutant(
        "speaker.py",
        " and expires_at > $3 and last_seen + idle > $3\n",
        " and expires_at > $3\n",
        "test_sign_in.py::test_a_session_that_is_over_or_rested_too_long_is_never_woken",
    ),
    Mutant(
        "speaker.py",
        'asleep=STRONG if rows and not rows[0]["strong"] else NONE',
        "asleep=NONE",
        "test_sign_in.py::test_a_member_stays_for_a_month_and_a_manager_sleeps_without_a_strong_proof",
    ),
    Mutant(
        "speaker.py",
        ('        if not self.demo:\n            raise TokenRefused("demo_only")\n'),
        "",
        "test_demo_people.py::test_outside_the_demo_nothing_starts_beside_such_a_token",
    ),
    Mutant(
        "speaker.py",
        (
            '            if not found or found[0]["state"] != "active":\n'
            '                raise TokenRefused("person_not_active")'
        ),
        ('            if not found:\n                raise TokenRefused("person_not_active")'),
        "test_sign_in.py::test_a_blocked_person_is_a_stranger",
    ),
    Mutant(
        "speaker.py",
        "        stale = self.auth_at is not None and machine_now() - self.auth_at > FRESH",
        "        stale = False",
        "test_sign_in_again.py::test_a_stale_session_is_asked_again_and_a_fresh_one_is_not",
    ),
    Mutant(
        "speaker.py",
        ('        if row["state"] != "active":\n            raise TokenRefused("client_off")\n'),
        "",
        "test_machine_tokens.py::test_53_a_token_ends_with_its_client_and_its_revocation",
    ),
    Mutant(
        "speaker.py",
        ('        if row["revoked_at"] is not None:\n            raise TokenRefused("revoked")\n'),
        "",
        "test_machine_tokens.py::test_53_a_token_ends_with_its_client_and_its_revocation",
    ),
    Mutant(
        "speaker.py",
        ' & frozenset(row["allowed"]) &',
        " &",
        "test_machine_tokens.py::test_a_scope_taken_from_the_client_is_gone_from_its_tokens",
    ),
    Mutant(
        "authority.py",
        (
            "        if not asked or not scope_to_list(asked):\n"
            '            raise InvalidScopeError("Name the scopes you need.")\n'
        ),
        "",
        "test_machine_tokens.py::test_53_what_is_not_offered_is_refused",
    ),
    Mutant(
        "authority.py",
        '        return scope if scope and set(scope_to_list(scope)) <= self.scopes else ""',
        "        return scope",
        "test_machine_tokens.py::test_53_what_is_not_offered_is_refused",
    ),
    Mutant(
        "authority.py",
        "        return any([hmac.compare_digest(shown, kept) for kept in self.secrets])",
        "        return bool(self.secrets)",
        "test_machine_tokens.py::test_45_ten_wrong_secrets_a_minute_close_the_door_for_this_account_at_this_site",
    ),
    Mutant(
        "authority.py",
        "        return token.check_client(client)",
        "        return True",
        "test_machine_tokens.py::test_introspection_tells_a_client_of_its_own_token_only",
    ),
    Mutant(
        "passkeys/ceremony.py",
        "    if origin != house.origin or framed is not False:",
        "    if origin != house.origin:",
        "test_passkeys.py::test_an_answer_that_is_bent_opens_nothing",
    ),
    Mutant(
        "passkeys/ceremony.py",
        ('    if unpacked(handle) != person.bytes:\n        raise PasskeyRefused("wrong_handle")\n'),
        "",
        "test_passkeys.py::test_a_credential_that_is_broken_anywhere_is_400",
    ),
    Mutant(
        "passkeys/challenges.py",
        "and browser_hash = $3 and kind = $4",
        "and $3::bytea is not null and kind = $4",
        "test_passkeys.py::test_a_challenge_is_for_the_browser_that_asked_for_five_minutes_and_one_kind",
    ),
    Mutant(
        "passkeys/challenges.py",
        "and kind = $4 and person_id",
        "and $4::text is not null and person_id",
        "test_passkeys.py::test_a_challenge_of_one_kind_is_none_of_another",
    ),
    Mutant(
        "passkeys/challenges.py",
        "  and expires_at > $6\n",
        "  and $6::timestamptz is not null\n",
        "test_passkeys.py::test_a_challenge_is_for_the_browser_that_asked_for_five_minutes_and_one_kind",
    ),
    Mutant(
        "passkeys/showing.py",
        " and (sign_count < $3 or (sign_count = 0 and $3 = 0)) returning id",
        " and $3::bigint is not null returning id",
        "test_passkeys.py::test_a_count_that_goes_back_or_stands_still_is_a_copy_s",
    ),
    Mutant(
        "passkeys/showing.py",
        ('    if not found or found[0]["state"] != "active":\n        raise PasskeyRefused("person_not_active")\n'),
        "",
        "test_passkeys.py::test_blocked_and_unknown_are_answered_alike",
    ),
    Mutant(
        "passkeys/showing.py",
        ("    if known.person != desk.person:\n        refuse([OtherPerson()])\n"),
        "",
        "test_passkey_changes.py::test_a_session_is_not_confirmed_by_somebody_else",
    ),
    Mutant(
        "passkeys/rules.py",
        ("    if standing.ways <= 1:\n        yield LastWayIn()\n"),
        "",
        "test_passkey_changes.py::test_every_reason_against_a_removal",
    ),
    Mutant(
        "passkeys/rules.py",
        ("    if standing.has_strong:\n        yield from unproven(standing, SET_UP)\n"),
        "",
        "test_passkey_changes.py::test_a_mailbox_alone_neither_adds_a_further_passkey_nor_takes_one_away",
    ),
    Mutant(
        "support/actions.py",
        ('    if desk.person is None:\n        refuse([NotAllowed(permission="access:grant")])\n'),
        "",
        "test_support.py::test_who_may_let_in_is_told_what_is_wrong",
    ),
    Mutant(
        "support/rules.py",
        "    if visit.approved_at is not None or visit.ended_at is not None:",
        "    if False:",
        "test_support.py::test_the_site_ends_a_look_at_once_and_refuses_a_request",
    ),
    Mutant(
        "rules.py",
        "    if personal and agreement is None:",
        "    if False:",
        "test_clients.py::test_all_reasons_against_a_client_come_at_once",
    ),
    Mutant(
        "partners/doors.py",
        ("    if purpose is None:\n        raise Problem(400)"),
        ('    if purpose is None:\n        purpose = "login"'),
        "test_partner_links.py::test_a_link_begins_with_a_form_of_ours_alone",
    ),
    Mutant(
        "partners/doors.py",
        "    if len(answer) != len(pairs) or",
        "    if",
        "test_partner_checks.py::test_a_parameter_that_stands_twice_is_no_answer",
    ),
    Mutant(
        "partners/going.py",
        "    if provider is None or provider.state not in states:",
        "    if provider is None:",
        "test_partner_checks.py::test_an_institution_that_is_paused_lets_nobody_out_or_back",
    ),
    Mutant(
        "invitations/actions.py",
        "expires_at > $3 returning id",
        "$3::timestamptz is not null returning id",
        "test_invitations.py::test_who_waited_for_the_row_with_an_older_clock_does_not_take_it_too",
    ),
    Mutant(
        "roles/rules.py",
        '    "finance": ("manager", "front_desk",',
        '    "finance": ("front_desk",',
        "test_roles.py::test_all_reasons_come_at_once",
    ),
    Mutant(
        "roles/rules.py",
        'TWO_PEOPLE = frozenset({"finance", "platform_operator"})',
        'TWO_PEOPLE = frozenset({"platform_operator"})',
        "test_roles.py::test_given_anew_it_waits_anew_and_the_house_s_own_does_not",
    ),
    Mutant(
        "invitations/actions.py",
        "and wish.organisation in desk.leads",
        "and wish.organisation in desk.own",
        "test_invitations.py::test_who_leads_one_organisation_is_only_a_colleague_in_another",
    ),
    Mutant(
        "invitations/actions.py",
        "permissions=desk.permissions, leads=desk.leads",
        "permissions=desk.permissions, leads=desk.own",
        "test_invitations.py::test_who_leads_one_organisation_is_only_a_colleague_in_another",
    ),
)
