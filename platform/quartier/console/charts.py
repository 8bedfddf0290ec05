"""Charts as SVG made here: geometry in Python, numbers by Babel, colours by classes of the style sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

WIDTH, HEIGHT, LEFT, TOP, RIGHT = 460, 220, 56, 12, 92
LABEL = 16  # least distance of two labels, in units of the drawing


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: its class, the word at its end, its values from left to right; None leaves a gap."""

    style: str
    word: str
    values: Sequence[float | None]


def lines(
    name: str, summary: str, most: float, across: Sequence[str], drawn: Sequence[Line],
    ticks: Sequence[tuple[float, str]],
) -> Markup:  # fmt: skip
    """Lines over the columns of `across`; a line may end before the last one. `ticks` are heights and their words."""
    columns = max(len(across) - 1, 1)

    def x(i: float) -> float:
        return LEFT + i / columns * WIDTH

    def y(value: float) -> float:
        return TOP + HEIGHT * (1 - value / most) if most else TOP + HEIGHT

    key = "".join(filter(str.isalnum, name.lower()))
    parts = [
        f'<svg class="chart" viewBox="0 0 {LEFT + WIDTH + RIGHT} {HEIGHT + 40}" role="img" '
        f'aria-labelledby="t-{key} d-{key}">',
        f'<title id="t-{key}">{escape(name)}</title><desc id="d-{key}">{escape(summary)}</desc>',
    ]
    for value, word in ticks:
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{escape(word)}</text>')
    for i, word in enumerate(across):
        if len(across) <= 6 or i % 2 == 0:
            parts.append(f'<text x="{x(i):.1f}" y="{HEIGHT + 32}" text-anchor="middle">{escape(word)}</text>')
    ends: list[tuple[Line, float, float]] = []
    for line in drawn:
        for points in _pieces(line.values):
            path = " ".join(f"{x(i):.1f},{y(value):.1f}" for i, value in points)
            parts.append(f'<polyline class="{line.style}" points="{path}"/>')
            if len(points) == 1:
                parts.append(
                    f'<circle class="{line.style}" cx="{x(points[0][0]):.1f}" cy="{y(points[0][1]):.1f}" r="3"/>'
                )
        if known := [(i, value) for i, value in enumerate(line.values) if value is not None]:
            ends.append((line, x(known[-1][0]) + 8, y(known[-1][1]) + 4))
    heights = spread([height for _, _, height in ends], LABEL)
    for (line, at, _), height in zip(ends, heights, strict=True):
        parts.append(f'<text class="name {line.style}" x="{at:.1f}" y="{height:.1f}">{escape(line.word)}</text>')
    return Markup("".join(parts) + "</svg>")  # noqa: S704  (every text in it is escaped above)


def _pieces(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """The runs of known values with their columns.

    >>> _pieces([1.0, None, 2.0, 3.0])
    [[(0, 1.0)], [(2, 2.0), (3, 3.0)]]
    """
    found: list[list[tuple[int, float]]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            found.append([])
        else:
            found[-1].append((i, value))
    return [piece for piece in found if piece]


def bar(share: float, words: str = "") -> Markup:
    """A small bar of a share from 0 to 1; `words` makes it readable, without them it is decoration."""
    wide = max(0.0, min(share, 1.0)) * 100
    role = f'role="img" aria-label="{escape(words)}"' if words else 'aria-hidden="true"'
    return Markup(  # noqa: S704
        f'<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" {role}>'
        f'<rect class="track" width="100" height="6"/><rect class="fill" width="{wide:.1f}" height="6"/></svg>'
    )


def spread(heights: Sequence[float], least: float) -> list[float]:
    """Move labels apart until none is closer than `least` to the next; their order stays.

    >>> spread([100.0, 104.0], 16)
    [100.0, 116.0]
    >>> spread([50.0, 200.0, 10.0], 16)
    [50.0, 200.0, 10.0]
    """
    found = list(heights)
    order = sorted(range(len(found)), key=lambda i: found[i])
    for above, below in zip(order, order[1:], strict=False):
        found[below] = max(found[below], found[above] + least)
    return found
