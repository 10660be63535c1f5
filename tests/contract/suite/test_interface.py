"""The interface as a whole: errors, metadata, pages of a list, expansion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.contract.conftest import Stripe
from tests.contract.suite.asking import checkout, header


@pytest.mark.wrong_requests
@pytest.mark.parametrize(
    ("changed", "code", "param"),
    [
        ({"invented": "1"}, "parameter_unknown", "invented"),
        ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
        ({"payment_method_types": ["card"]}, "payment_method_types_no_longer_supported", None),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(
    them: Stripe, sessions: Any, changed: dict[str, Any], code: str, param: str | None
) -> None:
    """Error codes: parameter_unknown, parameter_invalid_integer. Changelog of endive: payment_method_types is gone
    from Checkout Sessions."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sessions.create(checkout(them, **changed))
    assert (refused.value.http_status, refused.value.code) == (400, code)
    if param:
        assert refused.value.param == param


@pytest.mark.wrong_requests
def test_an_amount_that_is_not_whole_is_refused(transfers: Any) -> None:
    """Error codes, parameter_invalid_integer: amounts are whole numbers of the smallest unit of a currency."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfers.create({"amount": 12.5, "currency": "usd", "destination": "acct_nobody"})
    assert refused.value.code == "parameter_invalid_integer"
    assert refused.value.param == "amount"


def test_what_does_not_exist_is_not_found(transfers: Any) -> None:
    """Error codes, resource_missing. Errors: 404 when the thing does not exist."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfers.retrieve("tr_nobody_made_this")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_every_answer_has_an_id_to_ask_support_with(them: Stripe) -> None:
    """Request IDs: each request has one, in the header Request-Id."""
    first, second = (them.client.v1.balance.retrieve() for _ in range(2))
    assert str(header(first, "request-id")).startswith("req_")
    assert header(first, "request-id") != header(second, "request-id")


def test_metadata_comes_back_as_it_was_given_and_a_key_is_unset_by_an_empty_value(
    them: Stripe, transfers: Any
) -> None:
    """Metadata: keys and values are text, keys are added to those that are there, an empty value takes one away."""
    charge = them.paid_charge(50_00, group := them.name())
    made = transfers.create(
        {
            "amount": 10_00,
            "currency": "usd",
            "destination": them.receiver(),
            "source_transaction": charge,
            "metadata": {"payout": group, "umlaut": "Über & so = 1"},
        }
    )
    assert made.metadata.to_dict() == {"payout": group, "umlaut": "Über & so = 1"}
    transfers.update(made.id, {"metadata": {"umlaut": "", "more": "1"}})
    assert transfers.retrieve(made.id).metadata.to_dict() == {"payout": group, "more": "1"}


@pytest.mark.parametrize(
    "metadata",
    [{f"key{n}": "x" for n in range(51)}, {"k" * 41: "x"}, {"key": "v" * 501}],
    ids=["51 keys", "a key of 41", "a value of 501"],
)
def test_metadata_has_limits(them: Stripe, sessions: Any, metadata: dict[str, str]) -> None:
    """Metadata: up to 50 keys, names up to 40 characters, values up to 500."""
    with pytest.raises(stripe.InvalidRequestError):
        sessions.create(checkout(them, metadata=metadata))


def test_a_list_is_read_page_by_page_newest_first(them: Stripe, sessions: Any) -> None:
    """Pagination: starting_after continues after an object of a list that begins with the newest; ending_before
    goes the other way; has_more says whether there is more."""
    first, second, third = (sessions.create(checkout(them)).id for _ in range(3))
    page = sessions.list({"limit": 2})
    assert [each.id for each in page.data] == [third, second]
    assert (page.has_more, page.object, page.url) == (True, "list", "/v1/checkout/sessions")
    after = sessions.list({"limit": 1, "starting_after": second})
    assert [each.id for each in after.data] == [first]
    before = sessions.list({"limit": 10, "ending_before": second})
    assert [each.id for each in before.data] == [third]
    assert before.has_more is False

    def newest() -> Iterator[str]:
        for each, _ in zip(sessions.list({"limit": 1}).auto_paging_iter(), range(3), strict=False):
            yield each.id

    assert list(newest()) == [third, second, first]


@pytest.mark.wrong_requests
@pytest.mark.parametrize("limit", [0, 101, "many"])
def test_a_page_has_1_to_100_objects(sessions: Any, limit: Any) -> None:
    """Pagination: limit ranges between 1 and 100."""
    with pytest.raises(stripe.InvalidRequestError):
        sessions.list({"limit": limit})


def test_what_is_named_is_expanded_also_below_what_is_expanded(them: Stripe) -> None:
    """Expanding responses: ids become objects on request, through several levels with dots, up to four."""
    charge = them.client.v1.charges.retrieve(them.paid_charge(20_00, them.name()))
    intents = them.client.v1.payment_intents
    assert intents.retrieve(str(charge.payment_intent)).latest_charge == charge.id
    wanted: Any = {"expand": ["latest_charge.balance_transaction"]}
    expanded: Any = intents.retrieve(str(charge.payment_intent), wanted).latest_charge
    assert (expanded.id, expanded.object) == (charge.id, "charge")
    assert (expanded.balance_transaction.object, expanded.balance_transaction.amount) == (
        "balance_transaction",
        20_00,
    )
