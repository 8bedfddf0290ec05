"""Cookies and the page a form came from, as pure questions: what is ours, and what only looks like it."""

import pytest

from quartier.access.cookies import LOGIN_COOKIE, SESSION_COOKIE, baked, demand_own_page, shown
from quartier.access.marks import BROWSER, SESSION
from quartier.access.problem import Problem

ORIGIN = "https://west.example"
OURS = f"{SESSION}{'a' * 43}"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (f"{SESSION_COOKIE}={OURS}", OURS),
        (f"x=1; {SESSION_COOKIE}={OURS}; y=2", OURS),
        (f"{SESSION_COOKIE}={OURS}; {SESSION_COOKIE}={SESSION}{'b' * 43}", None),  # a planted one beside ours
        (f"{SESSION_COOKIE}={OURS}; {SESSION_COOKIE}={OURS}", None),
        (f"{SESSION_COOKIE}={OURS[:-1]}", None),
        (f"{SESSION_COOKIE}={OURS}a", None),
        (f"{SESSION_COOKIE}={BROWSER}{'a' * 43}", None),  # the other cookie's value
        (f"__host-session={OURS}", None),
        (f"session={OURS}", None),
        ("", None),
    ],
)
def test_a_cookie_is_one_of_ours_once_or_none(header: str, found: str | None) -> None:
    assert shown(header.encode(), SESSION_COOKIE) == found


def test_no_header_is_no_cookie_and_an_empty_value_ends_one() -> None:
    assert shown(None, LOGIN_COOKIE) is None
    assert baked(SESSION_COOKIE, "").endswith("; Max-Age=0")


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({b"origin": b"https://west.example"}, True),
        ({b"origin": b"https://WEST.example"}, True),
        ({b"origin": b"https://ost.example"}, False),
        ({b"origin": b"http://west.example"}, False),
        ({b"origin": b"https://west.example:8443"}, False),
        ({b"origin": b"null"}, False),
        ({b"origin": b"https://ost.example", b"sec-fetch-site": b"same-origin"}, False),  # one of them lies
        ({b"sec-fetch-site": b"same-origin"}, True),
        ({b"sec-fetch-site": b"none"}, True),
        ({b"sec-fetch-site": b"same-site"}, False),  # the other site of the same city
        ({b"sec-fetch-site": b"cross-site"}, False),
        ({}, False),
    ],
)
def test_only_a_page_of_this_very_host_sends_forms(headers: dict[bytes, bytes], own: bool) -> None:  # noqa: FBT001
    if own:
        demand_own_page(headers, ORIGIN)
        return
    with pytest.raises(Problem) as refused:
        demand_own_page(headers, ORIGIN)
    assert refused.value.status == 403
