"""Money is integer cents of the euro; a float never touches it."""

Cents = int


def euros(cents: Cents) -> str:
    """Write cents the German way.

    >>> euros(123450)
    '1.234,50 €'
    >>> euros(-5)
    '-0,05 €'
    """
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"{sign}{whole:,}".replace(",", ".") + f",{rest:02d} €"


def share(cents: Cents, permille: int) -> Cents:
    """Take a share, rounded down to the cent as the guidelines say.

    >>> share(999, 350)
    349
    """
    return cents * permille // 1000
