"""Letters by a real mail server: what they look like, who may have them, and what a refusal is."""

import pytest
from notices.conftest import MAIL, a_letter, account_at
from notices.sink import Sink, sink

from quartier.notices.smtp import Account, AccountWrong, account_of, deliver, reach, written
from quartier.notices.words import NotNow, Undeliverable


async def test_a_letter_arrives_as_it_was_written_and_tells_nobody_that_it_was_read(server: Sink) -> None:
    letter = a_letter()
    await deliver(account_at(server.port), letter)
    [came] = server.letters
    assert server.to == ["mira@mail.example"]
    assert came["From"] == "Zentrum West <hallo@west.example>"
    assert (came["To"], came["Reply-To"], came["Subject"]) == (
        "mira@mail.example", "post@west.example", "Gebucht: Denkraum",
    )  # fmt: skip
    assert came["Message-ID"] == f"<{letter.id}@west.example>"
    assert (came["Auto-Submitted"], came["Content-Language"]) == ("auto-generated", "de")
    assert came.get_content_type() == "text/plain"
    assert came.get_content().replace("\r\n", "\n") == letter.text


async def test_a_calendar_entry_comes_along_with_its_method(server: Sink) -> None:
    text = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Küche\r\nEND:VCALENDAR\r\n".encode()
    await deliver(account_at(server.port), a_letter(calendar=("REQUEST", text)))
    [part] = server.letters[0].iter_attachments()
    assert (part.get_content_type(), part.get_filename(), part.get_param("method")) == (
        "text/calendar", "termin.ics", "REQUEST",
    )  # fmt: skip
    assert part.get_payload(decode=True) == text


@pytest.mark.parametrize("subject", ["Gebucht\r\nBcc: all@mail.example", "Gebucht\nBcc: all@mail.example\n\nhello"])
async def test_a_line_break_begins_no_header(server: Sink, subject: str) -> None:
    await deliver(account_at(server.port), a_letter(subject=subject))
    [came] = server.letters
    assert (came["Bcc"], server.to) == (None, ["mira@mail.example"])
    assert "Bcc: all@mail.example" in came["Subject"]


@pytest.mark.parametrize(
    "to",
    [
        "",
        "nobody",
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example, c@d.example",
        "Mira <a@b.example>",
        "ü@mail.example",
    ],
)
def test_what_is_no_address_is_told_before_anything_is_sent(to: str) -> None:
    with pytest.raises(Undeliverable, match="address"):
        written(account_at(1), a_letter(to=to))


async def test_a_refusal_for_good_and_one_for_now_are_told_apart_without_an_address(server: Sink) -> None:
    server.answers = ["552 mailbox full for mira@mail.example", "451 try later, mira@mail.example"]
    with pytest.raises(Undeliverable) as never:
        await deliver(account_at(server.port), a_letter())
    with pytest.raises(NotNow) as later:
        await deliver(account_at(server.port), a_letter())
    assert (str(never.value), str(later.value)) == ("server 552", "server 451")
    with pytest.raises(Undeliverable, match="recipient 550"):
        await deliver(account_at(server.port), a_letter(to="gone@mail.example"))
    assert server.letters == []


async def test_nobody_there_is_not_now() -> None:
    with sink() as gone:
        port = gone.port
    with pytest.raises(NotNow):
        await deliver(account_at(port), a_letter())
    with pytest.raises(NotNow):
        await reach(account_at(port))


async def test_a_server_that_asks_is_told_the_password_and_a_wrong_one_waits() -> None:
    with sink(password="pa ss/ü") as asks:
        address = f"smtp://haus:{{}}@127.0.0.1:{asks.port}?tls=none"
        good = account_of(MAIL, {"QUARTIER_SMTP": address.format("pa%20ss%2F%C3%BC")})
        wrong = account_of(MAIL, {"QUARTIER_SMTP": address.format("other")})
        assert good
        assert wrong
        assert (good.password, "pa ss" in repr(good)) == ("pa ss/ü", False)
        await reach(good)
        await deliver(good, a_letter())
        assert len(asks.letters) == 1
        for knock in (deliver(wrong, a_letter()), reach(wrong)):
            with pytest.raises(NotNow):
                await knock


async def test_a_server_without_tls_is_not_spoken_to_unless_it_was_said(server: Sink) -> None:
    account = account_of(MAIL, {"QUARTIER_SMTP": f"smtp://127.0.0.1:{server.port}"})
    assert account is not None
    with pytest.raises(NotNow):
        await deliver(account, a_letter())
    assert server.letters == []


# -- which account -----------------------------------------------------------------------------------------------------
def test_a_site_s_own_variable_comes_before_the_installation_s() -> None:
    both = {"QUARTIER_SMTP": "smtp://all.example", "QUARTIER_SMTP_WEST": "smtps://u:p@west.example"}
    own = account_of(MAIL | {"smtp_env": "QUARTIER_SMTP_WEST"}, both)
    assert own == Account(
        "west.example", 465, "tls", "u", "p", "hallo@west.example", "Zentrum West", "post@west.example"
    )
    everybody = account_of(MAIL | {"smtp_env": "QUARTIER_SMTP_EAST"}, both)
    assert everybody
    assert (everybody.host, everybody.port, everybody.tls) == ("all.example", 587, "starttls")
    city = account_of(None, both | {"QUARTIER_SMTP_FROM": "stadt@leipzig.example"})
    assert city
    assert (city.sender, city.reply_to) == ("stadt@leipzig.example", None)
    assert account_of(MAIL, {}) is None


@pytest.mark.parametrize(
    ("environment", "what"),
    [
        ({"QUARTIER_SMTP": "http://mail.example"}, "smtp://user:password@host:587"),
        ({"QUARTIER_SMTP": "mail.example:25"}, "smtp://user:password@host:587"),
        ({"QUARTIER_SMTP": "smtp://mail.example:abc"}, "smtp://user:password@host:587"),
        ({"QUARTIER_SMTP": "smtp://:geheim@"}, "smtp://user:password@host:587"),
        ({"QUARTIER_SMTP": "smtp://mail.example?tls=none"}, "localhost"),
        ({"QUARTIER_SMTP": "smtp://10.0.0.1?tls=none"}, "localhost"),
    ],
)
def test_an_address_that_cannot_be_used_says_what_is_allowed_and_no_password(
    environment: dict[str, str], what: str
) -> None:
    with pytest.raises(AccountWrong, match=what.replace("?", r"\?")) as wrong:
        account_of(MAIL, environment)
    assert "geheim" not in str(wrong.value)


def test_a_sender_is_needed() -> None:
    with pytest.raises(AccountWrong, match="QUARTIER_SMTP_FROM"):
        account_of(None, {"QUARTIER_SMTP": "smtp://mail.example"})
