"""Partners as they are kept: sealed secrets, keys of a realm's own, nothing of the neighbour."""

from datetime import timedelta

from rows import add
from world import NOW, Site

from quartier.access.partners.keys import make_signing_key
from quartier.access.partners.queries import offered, provider, providers, signing_keys
from quartier.database.engine import TenantEngine
from quartier.database.sealing import SEAL


async def institute(site: Site, slug: str = "ifl", **more: object) -> None:
    facts: dict[str, object] = {
        "name_de": "Institut", "issuer": f"https://{slug}.example", "client_id": "haus",
        "auth_method": "client_secret_basic", "secret_enc": SEAL.close("geheim"), "scope": ["openid"],
        "algorithms": ["ES256"], "par": "never",
        "claims_from": "either", "required_claims": '{"hd": ["ifl.example"]}', "role_ceiling": ["jury"],
        "strong": False, "auto_approve": True, "state": "active", "created_at": NOW, "changed_at": NOW,
    }  # fmt: skip
    made = await add(site, "auth.identity_provider", slug=slug, **(facts | more))
    await add(site, "auth.provider_rule", provider=made, claim_value="jury-gruppe", role="jury")


async def test_a_site_knows_its_own_partners_alone(engine: TenantEngine, west: Site, east: Site) -> None:
    await institute(west, max_age=300)
    await institute(west, "draft", state="draft")
    found = await provider(west.desk(), "ifl")
    assert found is not None
    assert (found.secret, found.max_age, found.rules) == ("geheim", timedelta(minutes=5), (("jury-gruppe", "jury"),))
    assert found.required_claims == {"hd": frozenset({"ifl.example"})}
    assert "geheim" not in repr(found)
    assert [each.slug for each in await providers(west.desk())] == ["draft", "ifl"]
    assert [each.slug for each in await offered(west.desk())] == ["ifl"]
    assert await provider(east.desk(), "ifl") is None


async def test_the_newest_key_signs_and_an_older_one_is_published_for_a_month(
    engine: TenantEngine, west: Site, east: Site
) -> None:
    first, second = await make_signing_key(west.desk()), await make_signing_key(west.desk())
    keys = await signing_keys(west.desk())
    assert [key.kid for key in keys] == [second, first]
    assert "d" in keys[0].private
    assert "d" not in keys[0].public
    assert str(keys[0].private["d"]) not in repr(keys[0])
    [row] = await west.sql("select ends_at - now() as left from auth.signing_key where kid = $1", first)
    assert timedelta(days=29) < row["left"] <= timedelta(days=30)
    assert await signing_keys(east.desk()) == ()
