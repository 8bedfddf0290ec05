"""A site opens with its partners: each once, without its secret as a draft alone, and drift tells what was changed."""

from tenancy.town import Town
from world import NOW

from quartier.access.partners.opening import furnish
from quartier.access.partners.queries import providers, signing_keys
from quartier.acts.opening import open_site
from quartier.tenancy.blueprint import read_site
from quartier.tenancy.desk import Desk

SECRETS = {"QUARTIER_IDP_SIL_WEST": "hush-sil", "QUARTIER_IDP_IHK_WEST": "hush-ihk", "QUARTIER_IDP_IHK_OST": "hush-ost"}
IDP = "http://localhost:9"


async def opened(town: Town, folder: str, secrets: dict[str, str]) -> tuple[Desk, list[str]]:
    waited: list[str] = []
    where = town.root / folder
    realm = await open_site(
        town.administrator, where, now=NOW, demo=True, secrets=secrets, demo_idp=IDP, waits_for=waited.append
    )
    return Desk(realm=realm, now=NOW), waited


async def test_partners_come_with_the_site_sealed_and_each_once(town: Town) -> None:
    desk, waited = await opened(town, "leipzig-west", SECRETS)
    found = {each.slug: each for each in await providers(desk)}
    assert (sorted(found), waited) == (["hwk", "ifl", "ihk", "sil", "stadt"], [])
    assert {each.state for each in found.values()} == {"active"}
    assert (found["sil"].secret, found["sil"].issuer) == ("hush-sil", f"{IDP}/sil")
    assert found["ifl"].required_claims == {"org_domain": frozenset({"ifl.example"})}
    assert (found["stadt"].strong, found["ifl"].strong) == (True, False)
    assert ("quartier-jury", "jury") in found["ifl"].rules
    assert len(await signing_keys(desk)) == 1
    site = read_site(town.root / "leipzig-west", demo=True)
    assert await furnish(desk, site.partners, secrets=SECRETS, demo_idp=IDP) == []  # a cut opening goes on
    assert (len(await providers(desk)), len(await signing_keys(desk))) == (5, 1)
    assert await town.drift("leipzig-west") == []


async def test_a_partner_without_its_secret_waits_as_a_draft(town: Town) -> None:
    desk, waited = await opened(town, "leipzig-west", {})
    assert waited == ["QUARTIER_IDP_SIL_WEST", "QUARTIER_IDP_IHK_WEST"]
    found = {each.slug: each.state for each in await providers(desk)}
    assert found == {"hwk": "active", "ifl": "active", "ihk": "draft", "sil": "draft", "stadt": "active"}


async def test_east_takes_over_from_west_what_it_does_not_say_itself_and_no_secret(town: Town) -> None:
    await opened(town, "leipzig-west", SECRETS)
    desk, waited = await opened(town, "leipzig-east", {"QUARTIER_IDP_IHK_WEST": "hush-ihk"})
    found = {each.slug: each for each in await providers(desk)}
    assert (sorted(found), waited) == (["hwk", "ifl", "ihk", "stadt"], ["QUARTIER_IDP_IHK_OST"])
    assert {each.client_id for each in found.values()} == {"quartier-leipzig-east"}
    assert (found["ihk"].state, found["ihk"].secret) == ("draft", None)


async def test_drift_tells_what_was_changed_and_never_a_secret(town: Town) -> None:
    desk, _ = await opened(town, "leipzig-west", SECRETS)
    await town.sql.execute(
        "update auth.identity_provider set client_id = 'other', secret_enc = 'x' where tenant_id = $1 and slug = 'sil'",
        desk.tenant_id,
    )
    [found] = await town.drift("leipzig-west")
    assert (found.what, found.in_blueprint, found.in_rows) == (
        "partners.sil.client_id",
        "quartier-leipzig-west",
        "other",
    )
