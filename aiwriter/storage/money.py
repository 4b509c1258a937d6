"""Money as whole micro-dollars: exact in every database, and added and compared by SQL itself."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from aiwriter.errors import BadInput

MICRO = 1_000_000
_MOST = Decimal(10**12)  # dollars: sums of such amounts still fit a 64-bit integer


def cost(amount: Decimal) -> int:
    """Micro-dollars of a price or a reservation, rounded up: never less than what may be billed."""
    return _micro(amount, ROUND_CEILING)


def cap(amount: Decimal) -> int:
    """Micro-dollars of a cap, rounded down: never more than what was allowed. Raises BadInput when that is nothing:
    it would be another cap than was asked for."""
    micro = _micro(amount, ROUND_FLOOR)
    if amount and not micro:
        raise BadInput(f"a cap of ${amount:f} is less than a millionth, the least there is", hint="Give US dollars.")
    return micro


def dollars(micro: int) -> Decimal:
    return Decimal(micro) / MICRO


def _micro(amount: Decimal, rounding: str) -> int:
    if not (amount.is_finite() and 0 <= amount <= _MOST):
        raise BadInput(f"{amount} is not an amount of money", hint=f"Give US dollars above 0, at most {_MOST:,}.")
    return int((amount * MICRO).to_integral_value(rounding=rounding))
