"""Amounts as whole units of 10^-10 Canton Coin, and the texts the ledger writes for them."""

from decimal import Decimal

Units = int

COIN: Units = 10**10
_PLAIN_FROM = 10**4  # 0.000001; java.math.BigDecimal.toString turns to exponents below


def units(text: str) -> Units:
    """The amount of a ledger's text, in any of its forms."""
    return int(Decimal(text) * COIN)


def decimal_text(amount: Units) -> str:
    """A Daml Decimal of ``/v2/updates``: ten decimals, zero is ``0E-10``, dust is ``1.43E-8``.

    Recorded updates hold all three forms. Python's Decimal follows the same rule as Java's.
    """
    if amount >= _PLAIN_FROM:
        return f"{amount // COIN}.{amount % COIN:010d}"
    return str(Decimal(amount).scaleb(-10))


def metadata_text(amount: Units) -> str:
    """The same number in a metadata map, where it is not padded: ``10988.574981475``, ``0.0``."""
    whole, decimals = divmod(abs(amount), COIN)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole}.{f'{decimals:010d}'.rstrip('0') or '0'}"


def divided(numerator: Units, denominator: int) -> Units:
    """The quotient, rounded half-even as the ledger does it; both are positive."""
    quotient, rest = divmod(numerator, denominator)
    is_up = 2 * rest > denominator or (2 * rest == denominator and quotient % 2 == 1)
    return quotient + is_up
