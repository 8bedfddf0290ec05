"""Zone, hosts and colours."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo, available_timezones

from quartier.tenancy.blueprint.findings import Finding, Path, nearest, twice
from quartier.tenancy.blueprint.shape.identity import Brand, Hosts, Identity

CONTRAST = 4.5  # WCAG 2.2, 1.4.3


def objections_to_identity(site: Identity) -> Iterator[Finding]:
    yield from objections_to_zone(site.zone, ("site", "zone"))
    yield from objections_to_hosts(site.hosts, ("site", "hosts"))


def objections_to_zone(zone: str, path: Path) -> Iterator[Finding]:
    try:
        ZoneInfo(zone)
        return
    except (KeyError, ValueError, OSError):  # Unknown, not a name at all, or the name of a folder of zones.
        pass
    guess = nearest(zone, available_timezones(), likeness=0.85)
    yield Finding(
        path,
        f"„{zone}“ ist keine Zeitzone." + (f" Gemeint ist vielleicht „{guess}“." if guess else ""),
        f"“{zone}” is no time zone." + (f" Perhaps “{guess}” is meant." if guess else ""),
        '"Europe/Berlin"',
    )


def objections_to_hosts(hosts: Hosts, path: Path) -> Iterator[Finding]:
    seen = {hosts.primary}
    if hosts.demo in seen:
        yield twice((*path, "demo"), hosts.demo)
    seen.add(hosts.demo)
    for place, alias in enumerate(hosts.aliases):
        if alias in seen:
            yield twice((*path, "aliases", place), alias)
    if not hosts.demo.endswith(".localhost"):
        # A demo runs on the machine in front of one; a real name would send its visitors elsewhere.
        yield Finding(
            (*path, "demo"),
            "Die Adresse der Demo endet auf „.localhost“.",
            "The host of the demo ends in “.localhost”.",
            '"zentrum.localhost"',
        )


def objections_to_colours(brand: Brand) -> Iterator[Finding]:
    yield from objections_to_pair(brand.accent, brand.on_accent, ("brand", "accent"))
    yield from objections_to_pair(brand.accent_dark, brand.on_accent_dark, ("brand", "accent_dark"))


def objections_to_pair(ground: str, text: str, path: Path) -> Iterator[Finding]:
    ratio = contrast(ground, text)
    if ratio < CONTRAST:
        yield Finding(
            path,
            f"Schrift in {text} ist auf {ground} schlecht zu lesen (Kontrast {ratio:.1f}).",
            f"Text in {text} is hard to read on {ground} (contrast {ratio:.1f}).",
            f"≥ {CONTRAST}",
        )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG, from 1 to 21.

    >>> round(contrast("#ffffff", "#000000"))
    21
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
