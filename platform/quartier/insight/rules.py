"""What may be published. Small groups are hidden, and so is whatever would give a hidden one away.

The measure throughout: from everything that is published, no hidden number can be narrowed down to fewer
than `least` possibilities beside its own.
"""

from collections.abc import Collection, Sequence

from quartier.insight.words import Cell


def published(whole: Cell, groups: Sequence[Sequence[Cell]], *, least: int, least_slice: int) -> list[Cell]:
    """Hide what is too small, and its complement, in each group of slices that adds up to the whole.

    Where the slices cannot be kept apart from the whole, a guarded whole (`least` above 1) is hidden
    too, and then every slice: a slice of something hidden would only be pieced together again.
    """
    shown = [guarded_slices(group, least=least_slice) for group in groups]
    if is_small(whole, least) or (least > 1 and not all(is_safe(group, least=least_slice) for group in shown)):
        return [whole.as_hidden, *(cell.as_hidden for group in groups for cell in group)]
    hidden = {cell.slice for group in shown for cell, keep in group if not keep}
    every = [whole, *(cell for group in groups for cell in group)]
    return [cell.as_hidden if cell.slice in hidden else cell for cell in every]


Choice = tuple[Cell, bool]  # a cell, and whether it is shown


def guarded_slices(cells: Sequence[Cell], *, least: int) -> list[Choice]:
    """Choose what of a group is shown: no small slice, and the smallest others with it until it is safe."""
    hidden = {cell.slice for cell in cells if is_small(cell, least)}
    others = sorted((cell for cell in cells if count(cell) >= least), key=lambda cell: (count(cell), cell.slice))
    while hidden and others and not is_safe([(c, c.slice not in hidden) for c in cells], least=least):
        hidden.add(others.pop(0).slice)
    return [(cell, cell.slice not in hidden) for cell in cells]


def is_safe(choices: Sequence[Choice], *, least: int) -> bool:
    """Whether the hidden ones cannot be told from their sum, which is the whole minus what is shown.

    Each of k hidden slices holds at least one, so with the sum S each lies between 1 and S − k + 1.
    """
    hidden = [count(cell) for cell, keep in choices if not keep]
    return not hidden or (len(hidden) > 1 and sum(hidden) - len(hidden) >= least)


def is_small(cell: Cell, least: int) -> bool:
    return 0 < count(cell) < least


def count(cell: Cell) -> int:
    if cell.n is None:
        raise ValueError("a hidden cell has no number")
    return cell.n


def gives_away(whole: int, shown: Collection[int], hidden: int, *, least: int) -> bool:
    """Whether a period's number tells about a part of it that is hidden or missing, or published differently.

    `shown` are the published parts, `hidden` is how many there are besides.
    """
    rest = whole - sum(shown)
    if rest == 0:
        return False
    if hidden == 0:
        return abs(rest) < least
    return hidden == 1 or rest - hidden < least


def has_to_wait(before: Sequence[Cell], after: Sequence[Cell], *, least: int) -> bool:
    """Whether the difference of two publications of the same period would show fewer than `least` people."""
    known = {cell.slice: cell for cell in before}
    differences = [
        abs(new - old)
        for cell in after
        if (earlier := known.get(cell.slice)) is not None
        for old, new in zip(_numbers(earlier), _numbers(cell), strict=True)
        if old is not None and new is not None
    ]
    return any(0 < difference < least for difference in differences)


def _numbers(cell: Cell) -> tuple[int | None, int | None, int | None]:
    return cell.n, cell.num, cell.den
