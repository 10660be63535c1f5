"""What we rely on at Stripe, asked through the real SDK: of the simulator, or of Stripe's test mode itself.

Each docstring names the page of Stripe's documentation that promises it. Nothing here knows whom it talks to; what
only the simulator can do is in `test_simulator_only.py`. How to run it against Stripe: README.md beside this file.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.contract.conftest import NEW_ACCOUNT, Stripe

LINES = (("Pay of the intern", 150_00), ("Fee of the platform", 15_00), ("Reserve", 5_50))
INCLUDE = ["configuration.recipient", "identity", "defaults", "requirements"]


def checkout(them: Stripe, **changed: Any) -> dict[str, Any]:
    """What our gateway asks of Checkout, exactly."""
    group = them.name()
    body: dict[str, Any] = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {"currency": "usd", "unit_amount": amount, "product_data": {"name": name}},
            }
            for name, amount in LINES
        ],
        "payment_intent_data": {
            "transfer_group": group,
            "description": f"Funding {group}",
            "metadata": {"funding": group},
        },
        "client_reference_id": group,
        "metadata": {"funding": group},
        "adaptive_pricing": {"enabled": False},
        "success_url": "https://example.org/back?paid={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://example.org/back",
        "expires_at": int(time.time()) + 3600,
        "locale": "en",
    }
    return {**body, **changed}


def header(answered: Any, name: str) -> str | None:
    headers: Any = answered.last_response.headers
    return {key.lower(): value for key, value in headers.items()}.get(name)


@pytest.fixture
def sessions(them: Stripe) -> Any:
    return them.client.v1.checkout.sessions


@pytest.fixture
def transfers(them: Stripe) -> Any:
    return them.client.v1.transfers


# -- idempotency


def test_the_same_key_gives_the_same_answer_and_says_so(them: Stripe, sessions: Any) -> None:
    """Idempotent requests: later requests with a key return the first one's result. Error handling, "Sending
    idempotent requests": a replayed answer carries the header Idempotent-Replayed: true."""
    body, options = checkout(them), {"idempotency_key": them.name()}
    first, second = sessions.create(body, options), sessions.create(body, options)
    assert first.id == second.id
    assert first.to_dict() == second.to_dict()
    assert header(first, "idempotent-replayed") is None
    assert header(second, "idempotent-replayed") == "true"
    assert header(second, "request-id") != header(first, "request-id")


def test_the_same_key_with_other_parameters_is_refused(them: Stripe, sessions: Any) -> None:
    """Idempotent requests: incoming parameters are compared with those of the first request, and an error is given
    when they are not the same."""
    options = {"idempotency_key": them.name()}
    sessions.create(checkout(them), options)
    with pytest.raises(stripe.IdempotencyError) as refused:
        sessions.create(checkout(them, client_reference_id="another"), options)
    assert refused.value.http_status == 400
    assert refused.value.error is not None
    assert refused.value.error.type == "idempotency_error"


def test_the_same_key_at_another_address_is_refused(them: Stripe, sessions: Any) -> None:
    """Errors, idempotency_error: a key was used again on a request that does not match the first one's endpoint."""
    options = {"idempotency_key": them.name()}
    made = sessions.create(checkout(them), options)
    with pytest.raises(stripe.IdempotencyError):
        sessions.expire(made.id, {}, options)
    assert sessions.retrieve(made.id).status == "open"


@pytest.mark.wrong_requests
def test_a_request_that_failed_its_validation_leaves_the_key_unused(them: Stripe, sessions: Any) -> None:
    """Idempotent requests: nothing is saved when parameters fail validation; such a request can be retried."""
    options = {"idempotency_key": them.name()}
    body = checkout(them)
    with pytest.raises(stripe.InvalidRequestError):
        sessions.create({**body, "invented": "1"}, options)
    assert sessions.create(body, options).status == "open"


def test_without_a_key_of_ours_two_requests_make_two_things(them: Stripe, sessions: Any) -> None:
    """Idempotent requests: only a key makes a repetition safe."""
    body = checkout(them)
    assert sessions.create(body).id != sessions.create(body).id


# -- the interface


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


# -- Checkout


def test_a_checkout_is_made_with_what_we_ask_and_read_again(them: Stripe, sessions: Any) -> None:
    """Create a Checkout Session; The Checkout Session object: status, payment_status, url; the amounts are sums of the
    lines. Changelog 2022-08-01: the payment intent is made when the payer pays, not before."""
    body = checkout(them)
    made = sessions.create(body)
    assert made.id.startswith("cs_test_")
    assert (made.object, made.mode, made.status, made.payment_status) == (
        "checkout.session",
        "payment",
        "open",
        "unpaid",
    )
    total = sum(amount for _, amount in LINES)
    assert (made.amount_subtotal, made.amount_total, made.currency) == (total, total, "usd")
    assert made.client_reference_id == body["client_reference_id"]
    assert made.metadata.to_dict() == body["metadata"]
    assert (made.expires_at, made.locale, made.livemode) == (body["expires_at"], "en", False)
    assert (made.success_url, made.cancel_url) == (body["success_url"], body["cancel_url"])
    assert made.adaptive_pricing.enabled is False
    assert made.url.startswith("http")
    assert made.payment_intent is None
    read = sessions.retrieve(made.id)
    assert (read.id, read.status, read.url) == (made.id, "open", made.url)
    assert read.metadata.to_dict() == body["metadata"]


def test_the_lines_of_a_checkout_come_on_request(them: Stripe, sessions: Any) -> None:
    """The Checkout Session object: line_items is not included by default, but can be expanded; and Retrieve a Checkout
    Session's line items."""
    made = sessions.create(checkout(them))
    assert "line_items" not in made
    read = sessions.retrieve(made.id, {"expand": ["line_items"]})
    listed = sessions.line_items.list(made.id)
    for lines in (read.line_items, listed):
        assert sorted((line.description, line.amount_total, line.quantity) for line in lines.data) == sorted(
            (name, amount, 1) for name, amount in LINES
        )


def test_an_open_checkout_can_be_ended_once(them: Stripe, sessions: Any) -> None:
    """Expire a Checkout Session: possible while it is open; afterwards its page says that it is over."""
    made = sessions.create(checkout(them))
    ended = sessions.expire(made.id)
    assert (ended.id, ended.status, ended.url) == (made.id, "expired", None)
    assert sessions.retrieve(made.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        sessions.expire(made.id)


@pytest.mark.parametrize("seconds", [25 * 60, 24 * 3600 + 600])
def test_a_checkout_ends_within_half_an_hour_to_a_day(them: Stripe, sessions: Any, seconds: int) -> None:
    """Create a Checkout Session, expires_at: from 30 minutes to 24 hours after creation."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sessions.create(checkout(them, expires_at=int(time.time()) + seconds))
    assert refused.value.param == "expires_at"


def test_less_than_the_least_charge_is_refused(them: Stripe, sessions: Any) -> None:
    """Supported currencies, "Minimum and maximum charge amounts": 0.50 USD. Error codes, amount_too_small."""
    line = {
        "quantity": 1,
        "price_data": {"currency": "usd", "unit_amount": 49, "product_data": {"name": "Work"}},
    }
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sessions.create(checkout(them, line_items=[line]))
    assert (refused.value.http_status, refused.value.code) == (400, "amount_too_small")


# -- accounts


def test_a_recipients_account_begins_restricted_and_says_what_is_missing(them: Stripe) -> None:
    """Create an account (v2); Include-dependent response values: what `include` names is there. Account capabilities:
    a capability that was asked for is not active before its requirements are met."""
    accounts: Any = them.client.v2.core.accounts
    made = accounts.create({**NEW_ACCOUNT, "include": INCLUDE})
    assert (made.object, made.livemode, made.dashboard) == ("v2.core.account", False, "express")
    assert made.applied_configurations == ["recipient"]
    assert (made.contact_email, made.display_name) == ("somebody@example.org", "Somebody")
    assert made.metadata.to_dict() == NEW_ACCOUNT["metadata"]
    assert made.identity.country == "us"
    assert made.defaults.responsibilities.fees_collector == "application"
    assert made.defaults.responsibilities.losses_collector == "application"
    transfers = made.configuration.recipient.capabilities.stripe_balance.stripe_transfers
    assert transfers.status == "restricted"
    assert transfers.status_details
    assert {entry.awaiting_action_from for entry in made.requirements.entries} == {"user"}
    read = accounts.retrieve(made.id, {"include": ["configuration.recipient", "requirements"]})
    assert read.configuration.recipient.capabilities.stripe_balance.stripe_transfers.status == "restricted"
    assert read.requirements.entries


def test_the_larger_parts_of_an_account_come_on_request(them: Stripe) -> None:
    """Include-dependent response values in API v2: null, whatever the value, unless `include` names them."""
    accounts: Any = them.client.v2.core.accounts
    made = accounts.create(NEW_ACCOUNT)
    for part in ("configuration", "identity", "defaults", "requirements"):
        assert getattr(made, part, None) is None
    read = accounts.retrieve(made.id, {"include": ["identity"]})
    assert (read.identity.country, getattr(read, "requirements", None)) == ("us", None)


def test_the_same_key_makes_one_account(them: Stripe) -> None:
    """API v2 overview, "Idempotency": a request that succeeded is not performed again."""
    accounts: Any = them.client.v2.core.accounts
    options = {"idempotency_key": them.name()}
    assert accounts.create(NEW_ACCOUNT, options).id == accounts.create(NEW_ACCOUNT, options).id


@pytest.mark.wrong_requests
def test_a_wrong_parameter_of_an_account_is_refused(them: Stripe) -> None:
    """API v2 overview: requests are JSON; unknown fields are refused."""
    accounts: Any = them.client.v2.core.accounts
    with pytest.raises(stripe.InvalidRequestError) as refused:
        accounts.create({**NEW_ACCOUNT, "type": "express"})
    assert refused.value.http_status == 400


def test_an_account_is_also_an_account_of_the_first_interface(them: Stripe) -> None:
    """Connect and the Accounts v2 API: the id of a v2 account can be used in v1 calls."""
    made: Any = them.client.v2.core.accounts.create(NEW_ACCOUNT)  # type: ignore[arg-type]
    seen = them.client.v1.accounts.retrieve(made.id)
    assert (seen.id, seen.object, seen.country) == (made.id, "account", "US")


def test_an_onboarding_link_leads_to_stripes_own_page_and_ends_soon(them: Stripe) -> None:
    """Create an account link (v2): url and expires_at; links can be used once and expire within minutes."""
    core: Any = them.client.v2.core
    account = core.accounts.create(NEW_ACCOUNT)
    urls = {"refresh_url": "https://example.org/again", "return_url": "https://example.org/back"}
    body = {
        "account": account.id,
        "use_case": {"type": "account_onboarding", "account_onboarding": urls},
    }
    first, second = core.account_links.create(body), core.account_links.create(body)
    assert (first.object, first.account, first.livemode) == ("v2.core.account_link", account.id, False)
    assert first.use_case.account_onboarding.return_url == urls["return_url"]
    assert first.url.startswith("http")
    assert first.url != second.url
    assert first.expires_at > first.created


def test_a_link_for_nobody_is_refused(them: Stripe) -> None:
    """Create an account link (v2), errors: the account must exist."""
    core: Any = them.client.v2.core
    urls = {"refresh_url": "https://example.org/again", "return_url": "https://example.org/back"}
    with pytest.raises(stripe.StripeError) as refused:
        core.account_links.create(
            {
                "account": "acct_nobody_made",
                "use_case": {"type": "account_onboarding", "account_onboarding": urls},
            }
        )
    assert refused.value.http_status in (400, 403, 404)


# -- money


def test_a_transfer_from_a_charge_succeeds_at_once_and_is_found_by_its_group(
    them: Stripe, transfers: Any
) -> None:
    """Create separate charges and transfers, "Transfer availability": with source_transaction the call succeeds whatever
    the available balance, and the money settles with the charge. List all transfers: transfer_group, destination."""
    group, receiver = them.name(), them.receiver()
    charge = them.paid_charge(200_00, group)
    body = {
        "amount": 120_00,
        "currency": "usd",
        "destination": receiver,
        "source_transaction": charge,
        "transfer_group": group,
        "description": "Payout",
        "metadata": {"payout": group},
    }
    made = transfers.create(body, {"idempotency_key": them.name()})
    assert made.id.startswith("tr_")
    assert (made.amount, made.amount_reversed, made.reversed) == (120_00, 0, False)
    assert (made.destination, made.source_transaction, made.transfer_group) == (receiver, charge, group)
    assert made.destination_payment.startswith("py_")
    assert made.balance_transaction.startswith("txn_")
    second = transfers.create({**body, "amount": 30_00})
    listed = transfers.list({"transfer_group": group, "limit": 100})
    assert [each.id for each in listed.data] == [second.id, made.id]
    assert listed.has_more is False
    assert [each.metadata["payout"] for each in listed.data] == [group, group]
    assert [each.id for each in transfers.list({"destination": receiver, "limit": 1}).data] == [second.id]
    assert transfers.list({"transfer_group": them.name()}).data == []
    (expanded,) = transfers.list(
        {"transfer_group": group, "limit": 1, "expand": ["data.source_transaction"]}
    ).data
    assert (expanded.source_transaction.id, expanded.source_transaction.paid) == (charge, True)
    entry = them.client.v1.balance_transactions.retrieve(made.balance_transaction)
    assert (entry.type, entry.amount, entry.fee, entry.net, entry.source) == (
        "transfer",
        -120_00,
        0,
        -120_00,
        made.id,
    )


def test_the_transfers_of_a_charge_may_not_exceed_it(them: Stripe, transfers: Any) -> None:
    """Create separate charges and transfers: the sum of the transfers of a charge may not exceed its amount."""
    body = {
        "currency": "usd",
        "destination": them.receiver(),
        "source_transaction": them.paid_charge(100_00, them.name()),
    }
    transfers.create({**body, "amount": 60_00})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfers.create({**body, "amount": 40_01})
    assert refused.value.http_status == 400


def test_a_transfer_has_the_currency_of_its_charge(them: Stripe, transfers: Any) -> None:
    """Create separate charges and transfers: the currency of the transfer is that of the charge's balance
    transaction."""
    charge = them.paid_charge(100_00, them.name())
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfers.create(
            {
                "amount": 10_00,
                "currency": "eur",
                "destination": them.receiver(),
                "source_transaction": charge,
            }
        )
    assert refused.value.http_status == 400


def test_a_transfer_above_the_available_balance_fails(them: Stripe, transfers: Any) -> None:
    """Create separate charges and transfers: without source_transaction a transfer above the available balance fails.
    Error codes, balance_insufficient."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfers.create({"amount": 999_999_00, "currency": "usd", "destination": them.receiver()})
    assert (refused.value.http_status, refused.value.code) == (400, "balance_insufficient")


def test_a_transfer_to_an_account_that_is_not_ready_fails(them: Stripe, transfers: Any) -> None:
    """Account capabilities: an account receives transfers only while its capability to do so is active."""
    account: Any = them.client.v2.core.accounts.create(NEW_ACCOUNT)  # type: ignore[arg-type]
    body = {
        "amount": 10_00,
        "currency": "usd",
        "destination": account.id,
        "source_transaction": them.paid_charge(100_00, them.name()),
    }
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfers.create(body)
    assert refused.value.http_status == 400
    assert refused.value.code in ("insufficient_capabilities_for_transfer", "transfers_not_allowed")


def test_a_transfer_to_nobody_fails(them: Stripe, transfers: Any) -> None:
    """Error codes, resource_missing."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfers.create({"amount": 10_00, "currency": "usd", "destination": "acct_nobody_made"})
    assert (refused.value.http_status, refused.value.code) == (400, "resource_missing")
    assert refused.value.param == "destination"


def test_a_transfer_can_be_taken_back_in_parts(them: Stripe, transfers: Any) -> None:
    """Transfer Reversals: in part or in whole, never more than is left; the transfer says how much went back."""
    made = transfers.create(
        {
            "amount": 50_00,
            "currency": "usd",
            "destination": them.receiver(),
            "source_transaction": them.paid_charge(100_00, them.name()),
        }
    )
    part = transfers.reversals.create(made.id, {"amount": 20_00, "metadata": {"why": "mistake"}})
    assert (part.object, part.amount, part.transfer) == ("transfer_reversal", 20_00, made.id)
    with pytest.raises(stripe.InvalidRequestError):
        transfers.reversals.create(made.id, {"amount": 30_01})
    transfers.reversals.create(made.id)
    read = transfers.retrieve(made.id)
    assert (read.amount_reversed, read.reversed) == (50_00, True)
    assert [each.amount for each in transfers.reversals.list(made.id).data] == [30_00, 20_00]
    with pytest.raises(stripe.InvalidRequestError):
        transfers.reversals.create(made.id)


def test_a_charge_is_given_back_in_parts_and_never_more_than_it_took(them: Stripe) -> None:
    """Create a refund: several times, until the whole charge is given back; then an error. Error codes,
    charge_already_refunded."""
    refunds: Any = them.client.v1.refunds
    charge = them.paid_charge(80_00, them.name())
    first = refunds.create(
        {
            "charge": charge,
            "amount": 30_00,
            "reason": "requested_by_customer",
            "metadata": {"refund": "1"},
        },
        {"idempotency_key": them.name()},
    )
    assert first.id.startswith("re_")
    assert (first.amount, first.currency, first.charge) == (30_00, "usd", charge)
    assert first.status in ("succeeded", "pending")
    assert first.metadata.to_dict() == {"refund": "1"}
    with pytest.raises(stripe.InvalidRequestError):
        refunds.create({"charge": charge, "amount": 50_01})
    intent = str(them.client.v1.charges.retrieve(charge).payment_intent)
    second = refunds.create({"payment_intent": intent})
    assert second.amount == 50_00
    for of in ({"charge": charge}, {"payment_intent": intent}):
        assert [each.id for each in refunds.list(of).data] == [second.id, first.id]
    read = them.client.v1.charges.retrieve(charge)
    assert (read.amount_refunded, read.refunded) == (80_00, True)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refunds.create({"charge": charge})
    assert refused.value.code == "charge_already_refunded"


def test_a_charge_says_whose_money_it_is_and_is_found_by_its_group(them: Stripe) -> None:
    """The Charge object; List all charges: transfer_group, payment_intent."""
    charges = them.client.v1.charges
    id = them.paid_charge(60_00, group := them.name())
    read = charges.retrieve(id)
    assert (read.amount, read.currency, read.paid, read.status) == (60_00, "usd", True, "succeeded")
    assert (read.transfer_group, read.disputed, read.refunded) == (group, False, False)
    assert read.metadata["group"] == group
    assert [each.id for each in charges.list({"transfer_group": group}).data] == [id]
    assert [each.id for each in charges.list({"payment_intent": str(read.payment_intent)}).data] == [id]


def test_every_movement_is_an_entry_with_its_fee(them: Stripe) -> None:
    """Balance transactions: net is amount less fee; a charge's entry becomes available later; source and type filter."""
    entries = them.client.v1.balance_transactions
    charge = them.paid_charge(100_00, them.name())
    (entry,) = them.eventually(lambda: entries.list({"source": charge}).data)
    assert (entry.type, entry.amount, entry.currency, entry.source) == ("charge", 100_00, "usd", charge)
    assert entry.net == entry.amount - entry.fee
    assert entry.fee > 0
    assert sum(each.amount for each in entry.fee_details) == entry.fee
    assert entry.available_on >= entry.created
    assert entries.retrieve(entry.id).net == entry.net
    assert entries.list({"source": charge, "type": "transfer"}).data == []


def test_the_balance_is_kept_by_currency_available_and_pending(them: Stripe) -> None:
    """The Balance object: what a card payment brought is pending first."""
    them.paid_charge(100_00, them.name())
    balance: Any = them.client.v1.balance.retrieve()
    assert (balance.object, balance.livemode) == ("balance", False)
    currencies = {each.currency for each in (*balance.available, *balance.pending)}
    assert "usd" in currencies
    assert all(isinstance(each.amount, int) for each in (*balance.available, *balance.pending))


def test_what_happened_is_told_in_a_list_of_events(them: Stripe, transfers: Any) -> None:
    """List all events: types, created, newest first, up to 30 days; The Event object: the thing as it was, and the
    request with its key."""
    key, began = them.name(), int(time.time()) - 5
    made = transfers.create(
        {
            "amount": 10_00,
            "currency": "usd",
            "destination": them.receiver(),
            "source_transaction": them.paid_charge(100_00, them.name()),
        },
        {"idempotency_key": key},
    )
    wanted: Any = {"types": ["transfer.created", "transfer.reversed"], "created": {"gte": began}}

    def told() -> list[Any]:
        listed: list[Any] = them.client.v1.events.list(wanted).data
        return [event for event in listed if event.data.object["id"] == made.id]

    (event,) = them.eventually(told)
    assert (event.type, event.livemode) == ("transfer.created", False)
    assert event.api_version is not None
    assert event.data.object["amount"] == 10_00
    assert event.request.idempotency_key == key
    assert them.client.v1.events.retrieve(event.id).id == event.id


def test_what_happened_to_an_account_is_told_in_thin_events(them: Stripe) -> None:
    """Event destinations, "Thin events"; List all events (v2): object_id. They name the object and do not carry it."""
    core: Any = them.client.v2.core
    account = core.accounts.create(NEW_ACCOUNT)

    def told() -> list[Any]:
        return list(core.events.list({"object_id": account.id}).data)

    events = them.eventually(told)
    assert "v2.core.account.created" in {event.type for event in events}
    assert {event.related_object.id for event in events} == {account.id}
    assert core.events.retrieve(events[0].id).id == events[0].id
