"""The patched description says what the installed SDK says, at every place that the product or the simulator uses."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

import pytest
from stripe._api_version import _ApiVersion

from tests.contract import description, patch, sdk

PARAMS = "stripe.params"
SESSION = f"{PARAMS}.checkout._session_create_params:SessionCreateParams"
ACCOUNT = f"{PARAMS}.v2.core._account_create_params:AccountCreateParams"
LINK = f"{PARAMS}.v2.core._account_link_create_params:AccountLinkCreateParams"
V2_ACCOUNT = "stripe.v2.core._account:Account"
V2_RECIPIENT = f"{V2_ACCOUNT}.Configuration.Recipient"
V2_TRANSFERS = f"{V2_RECIPIENT}.Capabilities.StripeBalance.StripeTransfers"

# A place in the description, and where the SDK says the same.
BODIES = [
    (patch.SESSION, "", SESSION),
    (patch.SESSION, "adaptive_pricing", f"{SESSION}AdaptivePricing"),
    (patch.SESSION, "line_items[]", f"{SESSION}LineItem"),
    (patch.SESSION, "line_items[].price_data", f"{SESSION}LineItemPriceData"),
    (patch.SESSION, "line_items[].price_data.product_data", f"{SESSION}LineItemPriceDataProductData"),
    (
        patch.SESSION,
        "line_items[].price_data.product_data.tax_details",
        f"{SESSION}LineItemPriceDataProductDataTaxDetails",
    ),
    (patch.SESSION, "payment_intent_data", f"{SESSION}PaymentIntentData"),
    ("POST /v1/payment_intents", "", f"{PARAMS}._payment_intent_create_params:PaymentIntentCreateParams"),
    ("POST /v1/transfers", "", f"{PARAMS}._transfer_create_params:TransferCreateParams"),
    (
        "POST /v1/transfers/{id}/reversals",
        "",
        f"{PARAMS}._transfer_reversal_create_params:TransferReversalCreateParams",
    ),
    ("POST /v1/refunds", "", f"{PARAMS}._refund_create_params:RefundCreateParams"),
    ("POST /v1/payouts", "", f"{PARAMS}._payout_create_params:PayoutCreateParams"),
    (patch.ACCOUNT, "", ACCOUNT),
    (patch.ACCOUNT, "configuration", f"{ACCOUNT}Configuration"),
    (patch.ACCOUNT, "configuration.recipient", f"{ACCOUNT}ConfigurationRecipient"),
    (patch.ACCOUNT, patch.CAPABILITIES, f"{ACCOUNT}ConfigurationRecipientCapabilities"),
    (
        patch.ACCOUNT,
        f"{patch.CAPABILITIES}.bank_accounts",
        f"{ACCOUNT}ConfigurationRecipientCapabilitiesBankAccounts",
    ),
    (
        patch.ACCOUNT,
        f"{patch.CAPABILITIES}.stripe_balance",
        f"{ACCOUNT}ConfigurationRecipientCapabilitiesStripeBalance",
    ),
    (patch.ACCOUNT, "defaults", f"{ACCOUNT}Defaults"),
    (patch.ACCOUNT, "defaults.responsibilities", f"{ACCOUNT}DefaultsResponsibilities"),
    (patch.ACCOUNT, "identity", f"{ACCOUNT}Identity"),
    (patch.LINK, "", LINK),
    (patch.LINK, "use_case", f"{LINK}UseCase"),
    (patch.LINK, "use_case.account_onboarding", f"{LINK}UseCaseAccountOnboarding"),
    (patch.LINK, "use_case.account_update", f"{LINK}UseCaseAccountUpdate"),
]
QUERIES = [
    ("GET /v1/checkout/sessions", f"{PARAMS}.checkout._session_list_params:SessionListParams"),
    ("GET /v1/charges", f"{PARAMS}._charge_list_params:ChargeListParams"),
    ("GET /v1/transfers", f"{PARAMS}._transfer_list_params:TransferListParams"),
    ("GET /v1/refunds", f"{PARAMS}._refund_list_params:RefundListParams"),
    (
        "GET /v1/balance_transactions",
        f"{PARAMS}._balance_transaction_list_params:BalanceTransactionListParams",
    ),
    ("GET /v1/payouts", f"{PARAMS}._payout_list_params:PayoutListParams"),
    ("GET /v1/events", f"{PARAMS}._event_list_params:EventListParams"),
    ("GET /v2/core/accounts", f"{PARAMS}.v2.core._account_list_params:AccountListParams"),
    ("GET /v2/core/accounts/{id}", f"{PARAMS}.v2.core._account_retrieve_params:AccountRetrieveParams"),
    ("GET /v2/core/events", f"{PARAMS}.v2.core._event_list_params:EventListParams"),
]
OBJECTS = [
    ("account", "", "stripe._account:Account"),
    ("balance", "", "stripe._balance:Balance"),
    ("balance_transaction", "", "stripe._balance_transaction:BalanceTransaction"),
    ("charge", "", "stripe._charge:Charge"),
    ("charge", "payment_method_details.card", "stripe._charge:Charge.PaymentMethodDetails.Card"),
    ("checkout.session", "", "stripe.checkout._session:Session"),
    ("dispute", "", "stripe._dispute:Dispute"),
    ("event", "", "stripe._event:Event"),
    ("item", "", "stripe._line_item:LineItem"),
    ("payment_intent", "", "stripe._payment_intent:PaymentIntent"),
    ("payout", "", "stripe._payout:Payout"),
    ("price", "", "stripe._price:Price"),
    ("refund", "", "stripe._refund:Refund"),
    ("transfer", "", "stripe._transfer:Transfer"),
    ("transfer_reversal", "", "stripe._transfer_reversal:TransferReversal"),
    ("v2.core.account", "", V2_ACCOUNT),
    ("v2.core.account", "configuration.recipient", V2_RECIPIENT),
    ("v2.core.account", patch.CAPABILITIES, f"{V2_RECIPIENT}.Capabilities"),
    (
        "v2.core.account",
        f"{patch.CAPABILITIES}.stripe_balance",
        f"{V2_RECIPIENT}.Capabilities.StripeBalance",
    ),
    ("v2.core.account", patch.TRANSFERS, V2_TRANSFERS),
    ("v2.core.account", "defaults", f"{V2_ACCOUNT}.Defaults"),
    ("v2.core.account", "identity", f"{V2_ACCOUNT}.Identity"),
    ("v2.core.account", "requirements", f"{V2_ACCOUNT}.Requirements"),
    ("v2.core.account", "requirements.entries[]", f"{V2_ACCOUNT}.Requirements.Entry"),
    ("v2.core.account_link", "", "stripe.v2.core._account_link:AccountLink"),
    (
        "v2.core.account_link",
        "use_case.account_onboarding",
        "stripe.v2.core._account_link:AccountLink.UseCase.AccountOnboarding",
    ),
    ("v2.core.event", "", "stripe.v2.core._event:Event"),
]
VALUES = [
    (patch.SESSION, "locale", SESSION),
    (patch.SESSION, "mode", SESSION),
    (patch.SESSION, "ui_mode", SESSION),
    ("POST /v1/refunds", "reason", f"{PARAMS}._refund_create_params:RefundCreateParams"),
    (patch.ACCOUNT, "dashboard", ACCOUNT),
    ("balance_transaction", "type", "stripe._balance_transaction:BalanceTransaction"),
    ("charge", "status", "stripe._charge:Charge"),
    ("checkout.session", "locale", "stripe.checkout._session:Session"),
    ("checkout.session", "payment_status", "stripe.checkout._session:Session"),
    ("checkout.session", "status", "stripe.checkout._session:Session"),
    ("checkout.session", "ui_mode", "stripe.checkout._session:Session"),
    ("dispute", "status", "stripe._dispute:Dispute"),
    ("payment_intent", "status", "stripe._payment_intent:PaymentIntent"),
    ("refund", "pending_reason", "stripe._refund:Refund"),
    ("v2.core.account", "dashboard", V2_ACCOUNT),
    ("v2.core.account", f"{patch.TRANSFERS}.status", V2_TRANSFERS),
    ("v2.core.account", f"{patch.TRANSFERS}.status_details[].code", f"{V2_TRANSFERS}.StatusDetail"),
    ("v2.core.account", f"{patch.TRANSFERS}.status_details[].resolution", f"{V2_TRANSFERS}.StatusDetail"),
]
# In the SDK one class stands for a deleted object too, which the description has as a component of its own.
ONLY_IN_THE_SDK = {"account": {"deleted"}, "price": {"deleted"}}
# In the SDK these are in the subclasses.
ONLY_IN_THE_DESCRIPTION = {"v2.core.event": {"data", "related_object"}}


@pytest.fixture(scope="module")
def patched() -> Any:
    return description.endive()


def said(place: str, way: str, described: set[str], sdk_says: set[str]) -> list[str]:
    where = f"{place} {way}".strip()
    return [
        *(
            f"{where}: the SDK knows {name!r}: add it in tests/contract/patch.py."
            for name in sdk_says - described
        ),
        *(
            f"{where}: the SDK knows no {name!r}: take it away in tests/contract/patch.py."
            for name in described - sdk_says
        ),
    ]


def test_the_description_is_byte_for_byte_the_one_that_stripe_published() -> None:
    compact = json.dumps(description.as_published(), separators=(",", ":"), ensure_ascii=False).encode()
    blob = hashlib.sha1(b"blob %d\0" % len(compact) + compact, usedforsecurity=False).hexdigest()
    assert blob == "46a756853037a268164656fe0f939477e5fa35e7"


def test_the_patch_ends_at_the_version_that_the_installed_sdk_speaks(patched: Any) -> None:
    assert patched["version"] == patch.AFTER
    assert _ApiVersion.CURRENT == patch.AFTER, (
        f"The SDK speaks {_ApiVersion.CURRENT}, the patch in tests/contract/patch.py ends at {patch.AFTER}: "
        "read the SDK's changelog, extend the patch, let the tests below say which names are missing, "
        "and then change AFTER."
    )


@pytest.mark.parametrize(("place", "way", "told"), BODIES, ids=lambda value: str(value).rpartition(".")[2])
def test_the_parameters_of_a_call_are_those_of_the_sdk(patched: Any, place: str, way: str, told: str) -> None:
    described = set(patch.names(patched, place, way))
    assert said(place, way, described, set(sdk.fields(told))) == []


@pytest.mark.parametrize(("place", "told"), QUERIES)
def test_the_filters_of_a_call_are_those_of_the_sdk(patched: Any, place: str, told: str) -> None:
    parameters = patch.operation(patched, place)["parameters"]
    # The SDK never names a page of a v2 list itself: it follows the address in the answer.
    described = {each["name"] for each in parameters if each["in"] == "query"} - {"page"}
    assert said(place, "", described, set(sdk.fields(told))) == []


@pytest.mark.parametrize(("place", "way", "told"), OBJECTS)
def test_the_fields_of_an_object_are_those_of_the_sdk(patched: Any, place: str, way: str, told: str) -> None:
    here = "" if way else place
    described = set(patch.names(patched, place, way)) - ONLY_IN_THE_DESCRIPTION.get(here, set())
    sdk_says = set(sdk.fields(told)) - ONLY_IN_THE_SDK.get(here, set())
    assert said(place, way, described, sdk_says) == []


@pytest.mark.parametrize(("place", "way", "told"), VALUES)
def test_the_values_of_a_field_are_those_of_the_sdk(patched: Any, place: str, way: str, told: str) -> None:
    described = {value for value in patch.at(patched, place, way)["enum"] if value is not None}
    assert said(place, way, described, sdk.values(told, way.rpartition(".")[2])) == []


def test_ways_of_paying_are_narrowed_and_no_longer_named() -> None:
    assert "payment_method_types" not in sdk.fields(SESSION)
    assert "allowed_payment_method_types" in sdk.fields(SESSION)


SMALL: dict[str, Any] = {
    "info": {"version": patch.BEFORE},
    "paths": {
        "/v1/things": {
            "post": {
                "requestBody": {
                    "content": {
                        "form": {
                            "schema": {
                                "type": "object",
                                "required": ["old"],
                                "properties": {"old": {"type": "string"}, "kind": {"enum": ["a"]}},
                            }
                        }
                    }
                }
            }
        }
    },
    "components": {
        "schemas": {
            "thing": {
                "properties": {
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/part"}},
                    "maker": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/part"}]},
                }
            },
            "part": {"type": "object", "properties": {"size": {"type": "integer"}}},
        }
    },
}


def test_a_step_changes_what_it_says_through_lists_references_and_alternatives() -> None:
    spec = copy.deepcopy(SMALL)
    patch.gone("POST /v1/things", "", "old")(spec)
    patch.more("POST /v1/things", "kind", "b")(spec)
    patch.new("thing", "parts[]", "weight", {"type": "integer"})(spec)
    schema = patch.at(spec, "POST /v1/things")
    assert (schema["required"], schema["properties"]) == ([], {"kind": {"enum": ["a", "b"]}})
    assert list(patch.names(spec, "part")) == ["size", "weight"] == list(patch.names(spec, "thing", "maker"))


@pytest.mark.parametrize(
    "step",
    [
        patch.gone("POST /v1/things", "", "never_there"),
        patch.gone("POST /v1/nowhere", "", "old"),
        patch.gone("nothing", "", "old"),
        patch.new("POST /v1/things", "", "old", {}),
        patch.new("thing", "lost.way", "weight", {}),
        patch.new("thing", "parts[].size", "weight", {}),
        patch.more("POST /v1/things", "kind", "a"),
        patch.more("POST /v1/things", "old", "a"),
    ],
)
def test_a_step_that_does_not_fit_fails_with_a_sentence(step: Any) -> None:
    spec = copy.deepcopy(SMALL)
    with pytest.raises(LookupError, match=r"\w+ .*\.$"):
        step(spec)
    assert spec == SMALL


def test_a_patch_made_for_another_version_is_refused() -> None:
    with pytest.raises(LookupError, match=r"begins at 2026-05-27\.dahlia; the description is 2027"):
        patch.apply({"info": {"version": "2027-01-01.fern"}})
