"""A lease, and why it is not agreed or ended."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from quartier.kit.money import Cents
from quartier.kit.refusal import Refusal
from quartier.kit.spoken import called

LeaseState = Literal["agreed", "running", "notice", "ended"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed. `ends_on` is the last day, None while it is open; `rent_month` None is the list rent."""

    starts_on: date
    ends_on: date | None = None
    rent_month: Cents | None = None
    notice_days: int = 90
    title: str = ""


@dataclass(frozen=True, slots=True)
class Lease:
    id: UUID
    booking: UUID
    space: UUID
    organisation: UUID
    unit_no: int
    starts_on: date
    ends_on: date | None
    rent_month: Cents
    list_rent_month: Cents
    notice_days: int
    state: LeaseState
    version: int


class SpaceNotLet(Refusal):
    """Offices, desks and lockers in use are let for long, nothing else."""

    code = "SPACE_NOT_LET"
    de = "Dieser Raum wird nicht für länger vermietet. Vermietet werden Büros, Arbeitsplätze und Schließfächer."
    en = "This space is not let for long. Offices, desks and lockers are."


class LeaseNotice(Refusal):
    """The notice of `notice_days` days makes `earliest` the first possible last day."""

    code = "LEASE_NOTICE"
    de = "Die Kündigungsfrist ist {notice_days} Tage: frühester letzter Tag ist der {earliest}."
    en = "The notice is {notice_days} days: the earliest last day is {earliest}."


class LeaseRunning(Refusal):
    """The holder has a lease until `until`, or an open one: end it first, by the id in `lease`."""

    code = "LEASE_RUNNING"
    de = "Es läuft noch ein Mietverhältnis (bis {until}). Bitte zuerst das Mietverhältnis beenden."
    en = "A lease is still running (until {until}). Please end the lease first."


called(
    agreed=("vereinbart", "agreed"),
    running=("läuft", "running"),
    notice=("gekündigt", "under notice"),
    ended=("beendet", "ended"),
)
