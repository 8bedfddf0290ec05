"""What every table of a blueprint has in common: frozen, and a key nobody knows is an error."""

import msgspec


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the blueprint. `*_de` is shown in German, `*_en` in English; without it, German again."""
