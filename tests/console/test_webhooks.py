"""Webhooks by page: the secret is shown once, the log says how it went, and what failed is sent again."""

import re

from console.conftest import Town
from console.reader import words

from quartier.kit.ids import new_id

HERE = "/verwaltung/webhooks"
WISH = {"name": "Türschild am Saal", "adresse": "https://schild.example/geheim", "ereignis": "booking.made"}


def key() -> dict[str, str]:
    return {"key": str(new_id())}


async def test_a_webhook_is_set_up_and_its_secret_is_shown_once(town: Town) -> None:
    admin = await town.reader("site_admin")
    made = await admin.post(HERE, WISH | key())
    assert made.status_code == 200, words(made)
    [secret] = re.findall(r'readonly value="(whsec_[^"]+)"', made.text)
    page = await admin.get(HERE)
    assert (secret in page.text, "geheim<" in page.text) == (False, False)
    assert "schild.example · booking.made" in words(page)
    [path] = re.findall(rf'action="({HERE}/whk_[^"]+/geheimnis)"', page.text)[:1]
    [version] = re.findall(rf'{path}">.*?name="version" value="(\d+)"', page.text)
    other = await admin.post(path, key() | {"version": version})
    [changed] = re.findall(r'readonly value="(whsec_[^"]+)"', other.text)
    assert changed != secret
    assert "Das alte Geheimnis gilt daneben bis" in words(other)
    assert (await (await town.reader("front_desk")).post(HERE, WISH | key())).status_code == 403


async def test_every_wrong_field_is_named_and_what_was_chosen_stays(town: Town) -> None:
    admin = await town.reader("site_admin")
    wrong = await admin.post(HERE, WISH | key() | {"name": "", "adresse": "http://127.0.0.1/"})
    assert wrong.status_code == 422
    assert ('id="e-name"' in wrong.text, 'id="e-url"' in wrong.text) == (True, True)
    assert 'value="booking.made" checked' in wrong.text
    none = await admin.post(HERE, WISH | key() | {"ereignis": "person.named"})
    assert (none.status_code, "f-events" in none.text) == (422, True)


async def test_a_trial_is_sent_stands_in_the_log_and_is_sent_again(town: Town) -> None:
    admin = await town.reader("site_admin")
    await admin.post(HERE, WISH | key() | {"name": "Probe"})
    [row] = await town.west.site.sql(
        "select id from app.webhook where tenant_id = $1 and name = 'Probe'", town.west.site.id
    )
    assert (await admin.post(f"{HERE}/whk_{row['id']}/probe", key())).status_code == 303
    [sent] = await town.west.site.sql(
        """update app.delivery set state = 'dead', attempts = 10, code = 503, fault = 'answered', tried_at = now()
        where tenant_id = $1 and webhook_id = $2 returning id""",
        town.west.site.id, row["id"],
    )  # fmt: skip
    page = words(await admin.get(HERE))
    assert "webhook.probe aufgegeben" in page
    assert "Antwort 503 · 10 Versuche" in page
    assert "Der Empfänger hat nicht angenommen." in page
    again = f"{HERE}/dlv_{sent['id']}/nochmal"
    assert (await admin.post(again, key())).status_code == 303
    assert (await admin.post(again, key())).status_code == 409  # it waits already
    assert (await admin.post(f"{HERE}/whk_{row['id']}/aus", key() | {"version": "1"})).status_code == 303
    assert "von Hand abgeschaltet" in words(await admin.get(HERE))
    assert (await admin.post(f"{HERE}/whk_{row['id']}/probe", key())).status_code == 409
    assert (await admin.post(f"{HERE}/whk_{row['id']}/ein", key() | {"version": "1"})).status_code == 409
    assert (await admin.post(f"{HERE}/whk_{row['id']}/ein", key() | {"version": "2"})).status_code == 303
