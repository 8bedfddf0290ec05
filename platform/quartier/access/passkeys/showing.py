"""Signing in with a passkey, and showing it once more for what asks again.

Persons are the power app's, passkeys the power auth's, and no transaction has both: a person's state is read
before. A session that opens while she is blocked speaks for nobody, for each request asks for her state again.
"""

from uuid import UUID

from quartier.access.actions import machine_now
from quartier.access.passkeys import challenges, queries
from quartier.access.passkeys.ceremony import Answered, House, Shown, read, shown, wish_to_show
from quartier.access.passkeys.keeping import Came
from quartier.access.passkeys.words import Kept, OtherPerson, PasskeyRefused
from quartier.access.queries import as_auth
from quartier.access.sessions import Proof, SessionOver, open_session, renew_session, session_of
from quartier.database.engine import DB
from quartier.database.sealing import SEAL, SealBroken
from quartier.kit.refusal import refuse
from quartier.tenancy.action import retried
from quartier.tenancy.desk import Desk

_STATE = "select state from app.person where tenant_id = $1 and id = $2"
# A count that does not go on is a copy's; authenticators that never count say 0 each time.
_COUNT = """
update auth.passkey set sign_count = $3, backed_up = $4, last_used = $5
where tenant_id = $1 and id = $2 and (sign_count < $3 or (sign_count = 0 and $3 = 0)) returning id"""
_PARTNER = "select provider, op_sid, id_token_enc from auth.session where tenant_id = $1 and id = $2"


async def ask_to_sign_in(desk: Desk, browser: str, house: House) -> str:
    """What the browser needs to show any passkey of this realm, as JSON: nobody says who she is before."""
    return wish_to_show(house, await challenges.ask(desk, "login", browser, None), [])


async def sign_in(desk: Desk, came: Came, *, instead_of: str | None) -> str:
    """Give the secret of a new session to whoever shows a passkey of this realm. Raises PasskeyRefused."""
    answered = read(came.credential, came.house)
    await challenges.take(desk, "login", answered.challenge_hash, came.browser, None)
    known, told = await _believed(desk, answered, came.house)
    with DB.speaking(desk.tenant_id, "app"):
        found = await desk.fetch(_STATE, desk.tenant_id, known.person)
    if not found or found[0]["state"] != "active":
        raise PasskeyRefused("person_not_active")

    async def opened() -> str:
        with as_auth(desk):
            async with DB.work():
                await _count(desk, known, told)
                return await open_session(desk, known.person, Proof("passkey"), instead_of=instead_of)

    return await retried(opened)


async def ask_to_step_up(desk: Desk, browser: str, house: House) -> str:
    """What the browser needs to show one of her own passkeys, as JSON. Raises SessionOver."""
    if desk.person is None:
        raise SessionOver
    held = await queries.credentials_of(desk, desk.person)
    return wish_to_show(house, await challenges.ask(desk, "step_up", browser, desk.person), held)


async def step_up(desk: Desk, came: Came) -> str:
    """Renew the session of whoever shows her own passkey once more, until its old end.

    Refuses OTHER_PERSON. Raises PasskeyRefused and SessionOver.
    """
    answered = read(came.credential, came.house)
    await challenges.take(desk, "step_up", answered.challenge_hash, came.browser, desk.person)
    known, told = await _believed(desk, answered, came.house)
    if known.person != desk.person:
        refuse([OtherPerson()])

    async def renewed() -> str:
        with as_auth(desk):
            async with DB.work():
                seen = await session_of(desk, desk.session)
                if seen is None or seen.person != desk.person:
                    raise SessionOver
                await _count(desk, known, told)
                return await renew_session(desk, seen, await _proof(desk, seen.id))

    return await retried(renewed)


async def _believed(desk: Desk, answered: Answered, house: House) -> tuple[Kept, Shown]:
    known = await queries.kept(desk, answered.credential_id)
    if known is None:
        raise PasskeyRefused("unknown_passkey")
    return known, shown(answered, house, known.public_key, known.person)


async def _count(desk: Desk, known: Kept, told: Shown) -> None:
    counted = (known.id, told.sign_count, told.backed_up, machine_now())
    if not await desk.fetch(_COUNT, desk.tenant_id, *counted):
        raise PasskeyRefused("count_went_back")


async def _proof(desk: Desk, session: UUID) -> Proof:
    """By passkey; a partner whose sign-in began the session keeps its say: it may still end it."""
    [row] = await desk.fetch(_PARTNER, desk.tenant_id, session)
    try:
        id_token = SEAL.open(row["id_token_enc"]) if row["id_token_enc"] else None
    except SealBroken:  # it only shortens the way out at the partner's
        id_token = None
    return Proof("passkey", provider=row["provider"], op_sid=row["op_sid"], id_token=id_token)
