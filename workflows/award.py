"""What an intern is paid for a result: the formula that the brief shows and the agreement freezes.

    cap       = base + bonus pot
    award     = guaranteed + floor_to_unit((base - guaranteed) * sum(weight * share)) + bonus
    remainder = cap - award

All amounts are integers in the currency's minor unit, weights and fees are basis points (1/10,000), and
`unit` is the smallest amount that may be paid, in minor units (1, or 100 where only whole francs are sent).
Every amount in the terms is a multiple of it, so the full result pays exactly the base. No float comes near.
"""

from collections.abc import Sequence
from dataclasses import dataclass

BASIS = 10_000
LEVELS = (0, 1, 2, 3, 4)
TOP = LEVELS[-1]
LARGEST = 2**63 - 1


class AwardError(ValueError):
    """The formula refuses its input; `code` names the reason, `field` the input at fault."""

    code = "award_error"

    def __init__(self, field: str) -> None:
        super().__init__(f"{field}: {self.code}")
        self.field = field


class NotWhole(AwardError):
    """Not an integer: a fraction, a float, NaN or a truth value."""

    code = "not_whole"


class Negative(AwardError):
    code = "negative"


class Zero(AwardError):
    code = "zero"


class TooLarge(AwardError):
    """More than the books can hold (a signed 64-bit integer)."""

    code = "too_large"


class NotInUnits(AwardError):
    """A fraction that the currency does not have."""

    code = "not_in_units"


class GuaranteedAboveBase(AwardError):
    code = "guaranteed_above_base"


class BonusAbovePot(AwardError):
    code = "bonus_above_pot"


class WeightsDoNotSum(AwardError):
    """The weights do not sum to 100 %."""

    code = "weights_do_not_sum"


class UnknownLevel(AwardError):
    code = "unknown_level"


class UnknownCriterion(AwardError):
    """A level for a criterion that the rubric does not have, or a criterion without its level."""

    code = "unknown_criterion"


@dataclass(frozen=True)
class Terms:
    """What was agreed: amounts in minor units, one weight in basis points for each criterion."""

    base: int
    guaranteed: int
    bonus_pot: int
    unit: int
    weights: tuple[int, ...]

    def __post_init__(self) -> None:
        _amount("unit", self.unit)
        if self.unit == 0:
            raise Zero("unit")
        for field in ("base", "guaranteed", "bonus_pot"):
            _payable(field, getattr(self, field), self.unit)
        if self.base == 0:
            raise Zero("base")
        if self.guaranteed > self.base:
            raise GuaranteedAboveBase("guaranteed")
        if self.cap > LARGEST:
            raise TooLarge("bonus_pot")
        for weight in self.weights:
            _amount("weights", weight)
            if weight == 0:
                raise Zero("weights")
        if sum(self.weights) != BASIS:
            raise WeightsDoNotSum("weights")

    @property
    def cap(self) -> int:
        """The most that can be paid, and what is funded (the platform fee comes on top)."""
        return self.base + self.bonus_pot


@dataclass(frozen=True)
class Result:
    """What the result pays; `parts`, one for each criterion, and `bonus` sum exactly to `award`."""

    award: int
    remainder: int
    parts: tuple[int, ...]
    bonus: int


def calculate(terms: Terms, levels: Sequence[int], bonus: int = 0) -> Result:
    """Price a review: one level from 0 to 4 for each criterion, and a bonus within the pot."""
    if len(levels) != len(terms.weights):
        raise UnknownCriterion("levels")
    for level in levels:
        if type(level) is not int or level not in LEVELS:
            raise UnknownLevel("levels")
    _payable("bonus", bonus, terms.unit)
    if bonus > terms.bonus_pot:
        raise BonusAbovePot("bonus")

    # Exact numerators over BASIS * TOP: the guaranteed part by weight, the rest by weight and level.
    whole = BASIS * TOP
    rest = terms.base - terms.guaranteed
    exact = [
        weight * (terms.guaranteed * TOP + rest * level)
        for weight, level in zip(terms.weights, levels, strict=True)
    ]
    # The guaranteed part is a multiple of the unit, so flooring the sum floors the earned part alone.
    parts = _in_units(exact, whole * terms.unit, terms.unit)
    award = sum(parts) + bonus
    return Result(award=award, remainder=terms.cap - award, parts=parts, bonus=bonus)


def full(terms: Terms) -> Result:
    """The full base and no bonus: every criterion at the top level, and what silence pays."""
    return calculate(terms, [TOP] * len(terms.weights))


def guaranteed_only(terms: Terms) -> Result:
    """The guaranteed part: what is owed when everything is rejected."""
    return calculate(terms, [0] * len(terms.weights))


def platform_fee(base: int, basis_points: int, unit: int) -> int:
    """The fee on top of the base, rounded down to the unit: what does not divide stays with the payer."""
    _amount("unit", unit)
    if unit == 0:
        raise Zero("unit")
    _payable("base", base, unit)
    _amount("basis_points", basis_points)
    if basis_points > BASIS:
        raise TooLarge("basis_points")
    return base * basis_points // (BASIS * unit) * unit


def _in_units(exact: Sequence[int], denominator: int, unit: int) -> tuple[int, ...]:
    """Split floor(sum(exact) / denominator) units by largest remainder, the earlier criterion first.

    A part that is exactly zero stays zero: fewer units are left over than there are parts with a remainder.
    """
    units = [numerator // denominator for numerator in exact]
    left_over = sum(exact) // denominator - sum(units)
    by_remainder = sorted(range(len(exact)), key=lambda i: exact[i] % denominator, reverse=True)
    for position in by_remainder[:left_over]:
        units[position] += 1
    return tuple(count * unit for count in units)


def _amount(field: str, value: int) -> None:
    # Typed as int, but the formula is the last wall before the books: a float or True must not pass.
    if type(value) is not int:
        raise NotWhole(field)
    if value < 0:
        raise Negative(field)
    if value > LARGEST:
        raise TooLarge(field)


def _payable(field: str, value: int, unit: int) -> None:
    _amount(field, value)
    if value % unit:
        raise NotInUnits(field)
