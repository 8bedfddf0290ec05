"""A furnished house, where two rows stand for one organisation."""

from spaces.conftest import at_west, blueprint, house

__all__ = ["at_west", "blueprint", "house"]
