"""What a house holds, thought through without a database: the model that the machine is held against."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

ATOMS = {
    "werkhalle": (("werkhalle-nord", 1), ("werkhalle-sued", 1)),
    "werkhalle-nord": (("werkhalle-nord", 1),),
    "werkhalle-sued": (("werkhalle-sued", 1),),
    "denkwerkstatt": (("denkwerkstatt", 1),),
    "arbeitsplaetze": tuple(("arbeitsplaetze", number) for number in range(1, 13)),
}
Unit = tuple[str, int]


@dataclass(frozen=True)
class Slot:
    room: str
    start: datetime
    end: datetime
    units: int = 1

    @property
    def refusal(self) -> str:
        return "UNITS_TAKEN" if self.room == "arbeitsplaetze" else "SPACE_TAKEN"


@dataclass(frozen=True)
class Taken:
    slot: Slot
    units: tuple[Unit, ...]
    version: int = 1
    series: UUID | None = None


@dataclass
class Model:
    """The bookings that hold, by their id; nothing else is remembered."""

    taken: dict[UUID, Taken] = field(default_factory=dict)

    def room_for(self, slot: Slot, *, leaving: Iterable[UUID] = ()) -> tuple[Unit, ...]:
        """The units the slot would get, the lowest numbers first; none when there are too few."""
        gone = set(leaving)
        busy = {
            unit
            for id_, each in self.taken.items()
            if id_ not in gone and each.slot.start < slot.end and slot.start < each.slot.end
            for unit in each.units
        }
        free = [unit for unit in ATOMS[slot.room] if unit not in busy]
        wanted = slot.units if slot.room == "arbeitsplaetze" else len(ATOMS[slot.room])
        return tuple(free[:wanted]) if len(free) >= wanted else ()

    def book(self, id_: UUID, slot: Slot, *, series: UUID | None = None) -> None:
        units = self.room_for(slot)
        assert units, slot
        self.taken[id_] = Taken(slot, units, series=series)

    def move(self, id_: UUID, slot: Slot) -> None:
        units = self.room_for(slot, leaving=[id_])
        assert units, slot
        seen = self.taken[id_]
        self.taken[id_] = replace(seen, slot=slot, units=units, version=seen.version + 1)

    def cancel(self, id_: UUID) -> None:
        del self.taken[id_]

    def rows(self) -> list[tuple[str, int, datetime, datetime]]:
        """Occupancy as the database should have it."""
        return sorted((*unit, each.slot.start, each.slot.end) for each in self.taken.values() for unit in each.units)
