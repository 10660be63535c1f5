"""Accounts of recipients, and the links that lead to their onboarding."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.contract.conftest import NEW_ACCOUNT, Stripe
from tests.contract.suite.asking import INCLUDE


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
