"""The amount: within its bounds, exact to the unit, and never better for doing worse."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows import award
from workflows.award import AwardError, Terms, calculate


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    unit = draw(st.sampled_from([1, 10, 100, 500]))
    base = draw(st.integers(1, 10**12))
    guaranteed = draw(st.integers(0, base))
    bonus_pot = draw(st.integers(0, 10**9))
    cuts = draw(st.lists(st.integers(1, award.BASIS - 1), max_size=11, unique=True).map(sorted))
    weights = tuple(b - a for a, b in zip([0, *cuts], [*cuts, award.BASIS], strict=True))
    return Terms(base * unit, guaranteed * unit, bonus_pot * unit, unit, weights)


@st.composite
def reviews(draw: st.DrawFn) -> tuple[Terms, list[int], int]:
    agreed = draw(terms())
    levels = draw(
        st.lists(st.sampled_from(award.LEVELS), min_size=len(agreed.weights), max_size=len(agreed.weights))
    )
    bonus = draw(st.integers(0, agreed.bonus_pot // agreed.unit)) * agreed.unit
    return agreed, levels, bonus


@given(reviews())
def test_the_award_lies_between_the_guaranteed_part_and_the_cap(review: tuple[Terms, list[int], int]) -> None:
    agreed, levels, bonus = review
    result = calculate(agreed, levels, bonus)
    assert 0 <= agreed.guaranteed <= result.award - bonus <= agreed.base
    assert result.award <= agreed.cap
    assert result.award % agreed.unit == 0


@given(reviews())
def test_nothing_is_lost_between_the_lines_the_award_and_the_remainder(
    review: tuple[Terms, list[int], int],
) -> None:
    agreed, levels, bonus = review
    result = calculate(agreed, levels, bonus)
    assert result.award + result.remainder == agreed.cap
    assert sum(result.parts) + result.bonus == result.award
    assert len(result.parts) == len(agreed.weights)
    assert all(part >= 0 and part % agreed.unit == 0 for part in result.parts)


@given(reviews())
def test_the_award_is_the_formula_of_the_brief_to_the_unit(review: tuple[Terms, list[int], int]) -> None:
    agreed, levels, bonus = review
    result = calculate(agreed, levels, bonus)
    share = sum(w * level * 25 for w, level in zip(agreed.weights, levels, strict=True))
    exact = (agreed.base - agreed.guaranteed) * share
    earned = result.award - agreed.guaranteed - bonus
    assert earned * 1_000_000 <= exact < (earned + agreed.unit) * 1_000_000


@given(reviews(), st.data())
def test_a_better_level_never_pays_less(review: tuple[Terms, list[int], int], data: st.DataObject) -> None:
    agreed, levels, bonus = review
    position = data.draw(st.integers(0, len(levels) - 1))
    better = data.draw(st.integers(levels[position], award.TOP))
    raised = [*levels[:position], better, *levels[position + 1 :]]
    assert calculate(agreed, raised, bonus).award >= calculate(agreed, levels, bonus).award


@given(reviews())
def test_a_line_is_within_one_unit_of_its_own_share_and_zero_stays_zero(
    review: tuple[Terms, list[int], int],
) -> None:
    agreed, levels, bonus = review
    rest = agreed.base - agreed.guaranteed
    for part, weight, level in zip(
        calculate(agreed, levels, bonus).parts, agreed.weights, levels, strict=True
    ):
        exact = weight * (agreed.guaranteed * 4 + rest * level)
        assert abs(part * 40_000 - exact) < agreed.unit * 40_000
        assert exact > 0 or part == 0


@given(terms())
def test_the_full_result_pays_the_base_and_rejection_the_guaranteed_part(agreed: Terms) -> None:
    assert award.full(agreed).award == agreed.base
    assert award.full(agreed).bonus == 0
    assert award.guaranteed_only(agreed).award == agreed.guaranteed


@given(st.integers(1, 10**12), st.integers(0, award.BASIS), st.sampled_from([1, 100]))
def test_the_platform_fee_is_whole_units_and_never_rounded_up(base: int, points: int, unit: int) -> None:
    fee = award.platform_fee(base * unit, points, unit)
    assert fee % unit == 0
    assert fee * award.BASIS <= base * unit * points < (fee + unit) * award.BASIS


def test_an_example_that_can_be_checked_by_hand() -> None:
    agreed = Terms(base=1_000_00, guaranteed=200_00, bonus_pot=150_00, unit=1, weights=(5_000, 3_000, 2_000))
    result = calculate(agreed, [4, 3, 0], bonus=50_00)
    # 200 + 800 * (0.5 * 1 + 0.3 * 0.75 + 0.2 * 0) = 780; by line 500, 60 + 180, 40
    assert result == award.Result(830_00, 320_00, (500_00, 240_00, 40_00), 50_00)


def test_units_left_over_go_to_the_largest_remainders_the_earlier_first() -> None:
    thirds = Terms(base=100, guaranteed=0, bonus_pot=0, unit=1, weights=(3_333, 3_333, 3_334))
    assert award.full(thirds).parts == (33, 33, 34)
    evenly = Terms(base=10, guaranteed=0, bonus_pot=0, unit=1, weights=(2_500, 2_500, 2_500, 2_500))
    assert award.full(evenly).parts == (3, 3, 2, 2)


def test_a_currency_sent_in_hundreds_is_floored_to_a_hundred() -> None:
    agreed = Terms(base=10_000, guaranteed=0, bonus_pot=0, unit=100, weights=(3_350, 6_650))
    result = calculate(agreed, [1, 0])  # exactly 837.5
    assert (result.award, result.remainder) == (800, 9_200)


GOOD: dict[str, Any] = {
    "base": 1_000,
    "guaranteed": 200,
    "bonus_pot": 100,
    "unit": 100,
    "weights": (6_000, 4_000),
}


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"base": 0, "guaranteed": 0}, "zero", "base"),
        ({"base": -100}, "negative", "base"),
        ({"base": 1_000.0}, "not_whole", "base"),
        ({"base": float("nan")}, "not_whole", "base"),
        ({"base": 1e308}, "not_whole", "base"),
        ({"base": "1000"}, "not_whole", "base"),
        ({"base": True}, "not_whole", "base"),
        ({"base": 2**63}, "too_large", "base"),
        ({"base": 2**63 - 8, "unit": 1}, "too_large", "bonus_pot"),
        ({"base": 1_050}, "not_in_units", "base"),
        ({"guaranteed": 1_100}, "guaranteed_above_base", "guaranteed"),
        ({"guaranteed": -100}, "negative", "guaranteed"),
        ({"bonus_pot": 50}, "not_in_units", "bonus_pot"),
        ({"unit": 0}, "zero", "unit"),
        ({"weights": ()}, "weights_do_not_sum", "weights"),
        ({"weights": (6_000, 3_999)}, "weights_do_not_sum", "weights"),
        ({"weights": (6_000, 4_001)}, "weights_do_not_sum", "weights"),
        ({"weights": (10_000, 0)}, "zero", "weights"),
        ({"weights": (11_000, -1_000)}, "negative", "weights"),
        ({"weights": (6_000.0, 4_000.0)}, "not_whole", "weights"),
    ],
)
def test_terms_that_make_no_sense_are_refused_with_their_reason(
    wrong: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(AwardError) as refused:
        Terms(**{**GOOD, **wrong})
    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    ("levels", "bonus", "code"),
    [
        ([4], 0, "unknown_criterion"),
        ([4, 4, 4], 0, "unknown_criterion"),
        ([4, 5], 0, "unknown_level"),
        ([4, -1], 0, "unknown_level"),
        ([4, 2.0], 0, "unknown_level"),
        ([4, True], 0, "unknown_level"),
        ([4, None], 0, "unknown_level"),
        ([4, 4], 200, "bonus_above_pot"),
        ([4, 4], -100, "negative"),
        ([4, 4], 50, "not_in_units"),
        ([4, 4], 100.0, "not_whole"),
    ],
)
def test_a_review_that_makes_no_sense_is_refused_with_its_reason(
    levels: list[Any], bonus: Any, code: str
) -> None:
    with pytest.raises(AwardError) as refused:
        calculate(Terms(**GOOD), levels, bonus)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("base", "points", "unit", "code"),
    [(1_000, -1, 1, "negative"), (1_000, 10_001, 1, "too_large"), (1_050, 1_000, 100, "not_in_units"),
     (1_000, 1_000, 0, "zero"), (1_000, 0.1, 1, "not_whole")],
)  # fmt: skip
def test_a_fee_that_makes_no_sense_is_refused(base: int, points: Any, unit: int, code: str) -> None:
    with pytest.raises(AwardError) as refused:
        award.platform_fee(base, points, unit)
    assert refused.value.code == code
