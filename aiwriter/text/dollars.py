"""Amounts of US dollars as people read them."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

MICRO = Decimal("0.000001")  # what money is counted in
_SHOWN = Decimal("0.0001")


def exact(amount: Decimal) -> str:
    """To the millionth, without zeros that say nothing: 0.020264, 0.5, 20."""
    return f"{amount.quantize(MICRO).normalize():f}"


def enough(amount: Decimal) -> str:
    """Rounded up to a hundredth of a cent: what is told must do."""
    return f"{amount.quantize(_SHOWN, rounding=ROUND_CEILING).normalize():f}"
