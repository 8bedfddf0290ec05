"""Whether two organisations may be one, and what has to be settled before they become it: pure."""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from uuid import UUID

from quartier.kit.refusal import FieldInvalid, Refusal
from quartier.kit.spoken import Words
from quartier.kit.text import sort_key
from quartier.members.merging.words import (
    ApplicationsMeet,
    Fold,
    Known,
    Likely,
    MembershipsMeet,
    NumbersDiffer,
    OrganisationMerged,
    Pair,
    Running,
    Sign,
    Standing,
)
from quartier.members.words import AffiliationRole, OwnCase

ANOTHER = Words("eine andere Organisation", "another organisation")
STRENGTH: tuple[AffiliationRole, ...] = ("former", "member", "admin", "owner")
_SIGNS = re.compile(r"[^\w]+")
_FORMS = re.compile(
    r"\b(g?gmbh|e v|ev|eingetragener verein|g?ug|haftungsbeschrankt|kg|ohg|gbr|ag|eg|e g|e k|mbh|co)\b", re.ASCII
)


def plain_name(name: str) -> str:
    """A name without its legal form, signs and blanks; names that read the same belong to one key.

    >>> plain_name("Löffelweise e. V."), plain_name("LÖFFELWEISE (eingetragener Verein)"), plain_name("GmbH")
    ('loffelweise', 'loffelweise', 'gmbh')
    """
    return plain(sort_key(name))


def plain(key: str) -> str:
    """The same of a name that stands there as it is sorted."""
    words = " ".join(_SIGNS.sub(" ", key).split())
    kept = "".join(_FORMS.sub(" ", words).split())
    return kept or words.replace(" ", "")


def likely_pairs(several: Sequence[Known]) -> list[Likely]:
    """Pairs that share a number, a name, a website, or their leads together with their seat."""
    signs: dict[tuple[int, int], list[Sign]] = {}
    for sign in ("number", "name", "website", "people"):
        found: dict[str, list[int]] = {}
        for place, each in enumerate(several):
            for key in _keys(each, sign):
                found.setdefault(key, []).append(place)
        for places in found.values():
            for at, first in enumerate(places):
                for second in places[at + 1 :]:
                    told = signs.setdefault((first, second), [])
                    if sign not in told:
                        told.append(sign)
    return [Likely(several[first], several[second], tuple(told)) for (first, second), told in signs.items()]


def _keys(one: Known, sign: Sign) -> Collection[str]:
    if sign == "number":
        return one.numbers
    if sign == "name":
        return [plain(one.key)]
    if sign == "website":
        return [one.website] if one.website else []
    return [f"{lead} {one.seat}" for lead in one.leads] if one.seat else []


def objections_to_merge(
    pair: Pair, *, end_memberships: bool, drop_numbers: bool, own: Collection[UUID]
) -> Iterator[Refusal]:
    """Two that live, neither the merger's own; what both hold once only is settled by a word of hers."""
    if pair.kept.id == pair.other.id:
        yield FieldInvalid(path=("other",), allowed=ANOTHER)
        return
    for name, each in (("kept", pair.kept), ("other", pair.other)):
        if each.state == "merged":
            yield OrganisationMerged(path=(name,))
    if {pair.kept.id, pair.other.id} & set(own):
        yield OwnCase()
    for one, two in meeting(pair):
        if one.asked_for:
            yield ApplicationsMeet(kept=one.number, other=two.number)
        elif not end_memberships:
            yield MembershipsMeet(path=("endMemberships",), kept=one.number, other=two.number)
    if not drop_numbers:
        for kind, number in differing(pair):
            kept = pair.numbers[pair.kept.id][kind]  # type: ignore[index]
            yield NumbersDiffer(path=("dropNumbers",), kind=kind, kept=kept, other=number)


def meeting(pair: Pair) -> Iterator[tuple[Running, Running]]:
    """Memberships, or applications for one, that cannot both belong to one organisation: the kept one's first."""
    for one in pair.memberships:
        for two in pair.memberships:
            if (one.organisation, two.organisation) != (pair.kept.id, pair.other.id) or one.family != two.family:
                continue
            if one.asked_for and two.asked_for or not (one.asked_for or two.asked_for) and _meet(one, two):
                yield one, two


def differing(pair: Pair) -> Iterator[tuple[str, str]]:
    """Kinds of which both have a number, and they differ; with the number of the one that goes."""
    kept = pair.numbers.get(pair.kept.id, {})
    for kind, value in pair.numbers.get(pair.other.id, {}).items():
        if kept.get(kind, value) != value:
            yield kind, value


def folded(several: Sequence[Standing], kept: UUID) -> tuple[list[UUID], list[Fold]]:
    """Affiliations that move as they are, and those of one person that meet in time: they become one.

    It bears the strongest of their roles, and spans all of them.
    """
    moves: list[UUID] = []
    folds: list[Fold] = []
    for island in _islands(several):
        strangers = [each for each in island if each.organisation != kept]
        if len(island) == 1:
            moves += [each.id for each in strangers]
            continue
        if not strangers:
            continue
        stays = next((each for each in island if each.organisation == kept), island[0])
        ends = [each.until for each in island]
        folds.append(
            Fold(
                stays.id,
                tuple(each.id for each in island if each.id != stays.id),
                max((each.role for each in island), key=STRENGTH.index),
                min(each.since for each in island),
                None if None in ends else max(end for end in ends if end),
            )
        )
    return moves, folds


def _islands(several: Sequence[Standing]) -> Iterator[list[Standing]]:
    """Each person's affiliations, together with those they overlap."""
    island: list[Standing] = []
    until: date | None = None
    for each in sorted(several, key=lambda each: (each.person, each.since)):
        if island and island[0].person == each.person and (until is None or each.since < until):
            island.append(each)
            until = None if until is None or each.until is None else max(until, each.until)
            continue
        if island:
            yield island
        island, until = [each], each.until
    if island:
        yield island


def _meet(one: Running, two: Running) -> bool:
    """Last days are included; without one there is no end yet."""
    if one.since is None or two.since is None:
        return False
    return (two.until is None or one.since <= two.until) and (one.until is None or two.since <= one.until)
