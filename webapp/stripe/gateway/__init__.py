"""The one door to Stripe: the only module that knows its SDK. Nothing here writes to our database.

The SDK and its HTTP client are a tenth of what the app loads: where no Stripe account is set up, they are not loaded.

Every call either answers, or raises what is known about its outcome: Rejected (surely not done, from a closed list),
Later (surely not done, ask again), or Unknown (anything else). Amounts are in Stripe's minor units, which are ours.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import Flask, current_app

from webapp.core.config import Settings
from webapp.core.database.transactions import forbid_in_transaction
from webapp.stripe.gateway import facts as stripe_facts
from webapp.stripe.gateway.errors import Forged, GatewayError, Later, Misused, Rejected, Unknown
from webapp.stripe.gateway.facts import Account, ChargeFacts, Event, Sent, Session

if TYPE_CHECKING:
    import stripe

CONNECT, READ = 3, 20  # seconds
logging.getLogger("stripe").setLevel(logging.WARNING)  # it would tell of every request
PAGE = 100
INCLUDED = ("configuration.recipient", "requirements")  # parts of an account that Stripe leaves out unasked
FUTURE = timedelta(seconds=60)  # how far Stripe's clock may be ahead of ours
T = TypeVar("T")

# Stripe, "Error codes": with these the request was refused before any money moved. Everything else is unknown.
DEFINITE = frozenset(
    {
        "account_closed", "account_invalid", "amount_too_large", "amount_too_small", "balance_insufficient",
        "capability_not_active", "charge_already_refunded", "charge_disputed", "charge_invalid_parameter",
        "charge_not_refundable", "country_unsupported", "insufficient_capabilities_for_transfer", "insufficient_funds",
        "invalid_charge_amount", "livemode_mismatch", "no_account", "not_allowed_on_standard_account", "parameter_invalid_empty",
        "parameter_invalid_integer", "parameter_missing", "parameter_unknown", "platform_account_required",
        "refund_disputed_payment", "resource_missing", "storer_capability_missing", "storer_capability_not_active",
        "transfer_source_balance_parameters_mismatch", "transfers_not_allowed", "url_invalid",
    }
)  # fmt: skip
NOT_DONE = frozenset({"idempotency_key_in_use", "lock_timeout", "rate_limit"})
ACCOUNT_CODES = frozenset(
    {
        "account_closed", "account_invalid", "capability_not_active", "insufficient_capabilities_for_transfer",
        "no_account", "storer_capability_missing", "storer_capability_not_active", "transfers_not_allowed",
    }
)  # fmt: skip


class Gateway:
    """Stripe, with our key, our time-outs and no retry behind our back: our own jobs do that, with our own keys."""

    def __init__(self, settings: Settings, *, patience: float = READ) -> None:
        """`patience`: seconds to wait for an answer before its outcome counts as unknown."""
        import stripe

        self.live = settings.stripe_is_live
        self.secrets = {
            "platform": settings.stripe_webhook_secret,
            "connected": settings.stripe_connect_secret,
            "thin": settings.stripe_thin_secret,
        }
        stripe.enable_telemetry = False  # else it writes a file and tells Stripe about this machine
        base = settings.stripe_api_base
        self.client = stripe.StripeClient(
            settings.stripe_secret_key,
            http_client=stripe.RequestsClient(timeout=(CONNECT, patience)),
            max_network_retries=0,
            base_addresses=cast(
                Any,
                dict.fromkeys(("api", "connect", "files", "meter_events"), base) if base else None,
            ),
        )

    # Money in

    def open_checkout(self, key: str, body: dict[str, Any]) -> Session:
        """Make a hosted page to pay on; the same key gives the same page."""
        try:
            return _call(
                lambda: stripe_facts.session(
                    self.client.v1.checkout.sessions.create(_any(body), {"idempotency_key": key})
                )
            )
        except Misused:
            raise
        except Unknown as error:
            if error.status != 400:
                raise
            # Stripe gives most bad requests no code. A page that was refused moves no money, so here that is enough.
            raise Rejected(error.code, error.message, status=400, request=error.request) from error

    def read_checkout(self, session: str) -> Session:
        """Read a page with what was paid on it."""
        parameters: Any = {"expand": ["payment_intent.latest_charge.balance_transaction"]}
        return _call(
            lambda: stripe_facts.session(self.client.v1.checkout.sessions.retrieve(session, parameters))
        )

    def expire_checkout(self, session: str) -> Session:
        """End a page on which nobody shall pay any more."""
        return _call(lambda: stripe_facts.session(self.client.v1.checkout.sessions.expire(session)))

    def read_charge(self, charge: str) -> ChargeFacts:
        """Read what of a charge is still there to be passed on."""
        return _call(lambda: stripe_facts.charge(self.client.v1.charges.retrieve(charge)))

    # Money out

    def transfer(self, key: str, body: dict[str, Any]) -> Sent:
        """Transfer to a recipient's account."""
        return _call(
            lambda: stripe_facts.transfer(
                self.client.v1.transfers.create(_any(body), {"idempotency_key": key})
            )
        )

    def read_transfer(self, transfer: str) -> Sent:
        return _call(lambda: stripe_facts.transfer(self.client.v1.transfers.retrieve(transfer)))

    def transfers_of(self, group: str) -> list[Sent]:
        """Every transfer of a group."""
        parameters: Any = {"transfer_group": group, "limit": PAGE}
        return _call(
            lambda: [
                stripe_facts.transfer(transfer)
                for transfer in self.client.v1.transfers.list(parameters).auto_paging_iter()
            ]
        )

    def refund(self, key: str, body: dict[str, Any]) -> Sent:
        """Give money back to the payer of a charge."""
        return _call(
            lambda: stripe_facts.refund(self.client.v1.refunds.create(_any(body), {"idempotency_key": key}))
        )

    def read_refund(self, refund: str) -> Sent:
        return _call(lambda: stripe_facts.refund(self.client.v1.refunds.retrieve(refund)))

    def refunds_of(self, charge: str) -> list[Sent]:
        """Every refund of a charge."""
        parameters: Any = {"charge": charge, "limit": PAGE}
        return _call(
            lambda: [
                stripe_facts.refund(refund)
                for refund in self.client.v1.refunds.list(parameters).auto_paging_iter()
            ]
        )

    # Recipients

    def open_account(self, key: str, body: dict[str, Any]) -> Account:
        """Make a recipient's account; the same key gives the same account."""
        return _call(
            lambda: stripe_facts.account(
                self.client.v2.core.accounts.create(_any(body), {"idempotency_key": key})
            )
        )

    def read_account(self, account: str) -> Account:
        parameters: Any = {"include": list(INCLUDED)}
        return _call(lambda: stripe_facts.account(self.client.v2.core.accounts.retrieve(account, parameters)))

    def onboarding_link(self, account: str, *, refresh_url: str, return_url: str) -> str:
        """A single-use address of the page on which the recipient tells Stripe who they are."""
        urls = {"refresh_url": refresh_url, "return_url": return_url}
        body: Any = {
            "account": account,
            "use_case": {"type": "account_onboarding", "account_onboarding": urls},
        }
        return _call(lambda: str(self.client.v2.core.account_links.create(body).url))

    # What happened

    def events_since(self, since: datetime) -> list[Event]:
        """What happened on the platform since then, oldest first (Stripe keeps events for 30 days)."""
        parameters: Any = {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
        events = _call(
            lambda: [
                stripe_facts.event(event)
                for event in self.client.v1.events.list(parameters).auto_paging_iter()
            ]
        )
        return events[::-1]

    def balance(self) -> dict[str, int]:
        """All that is ours at Stripe by currency: available and pending."""

        def add() -> dict[str, int]:
            stripe_balance = self.client.v1.balance.retrieve()
            sums: dict[str, int] = {}
            parts: list[Any] = [*stripe_balance.available, *stripe_balance.pending]
            for part in parts:
                sums[part.currency.upper()] = sums.get(part.currency.upper(), 0) + part.amount
            return sums

        return _call(add)

    def verify(self, destination: str, body: bytes, signature: str, now: datetime) -> Event:
        """Read a webhook of this destination. Raises Forged with the reason where it is not Stripe's word to us.

        The SDK takes signatures from the future, so a stolen body could be kept for later: we do not.
        """
        import stripe

        secret = self.secrets[destination]
        try:
            stripe.WebhookSignature.verify_header(body.decode(), signature, secret, 300)
            # The first one, as the SDK: it is the signed one, whatever somebody has written behind it.
            signed = next(part[2:] for part in signature.split(",") if part.startswith("t="))
            if datetime.fromtimestamp(int(signed), UTC) > now + FUTURE:
                raise Forged("future")
            event = stripe_facts.event_of_body(json.loads(body))
        except stripe.SignatureVerificationError as error:
            raise Forged("stale" if "tolerance" in str(error) else "signature") from error
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise Forged("unreadable") from error
        if event.livemode != self.live:
            raise Forged("mode")
        if (destination == "connected") != (event.account is not None) and destination != "thin":
            raise Forged("account")
        return event


def gateway() -> Gateway:
    """The gateway of the running app; refuses while a transaction is open."""
    forbid_in_transaction("A call to Stripe")
    return of(current_app._get_current_object())  # type: ignore[attr-defined]


def of(app: Flask) -> Gateway:
    """The app's gateway, made when it is first needed. Raises Later where no Stripe account is set up."""
    settings: Settings = app.extensions["settings"]
    if not settings.has_stripe:
        raise Later("no_stripe", "This installation has no Stripe account.")
    if "stripe_gateway" not in app.extensions:
        app.extensions["stripe_gateway"] = Gateway(settings)
    gateway_of_app: Gateway = app.extensions["stripe_gateway"]
    return gateway_of_app


def _any(body: dict[str, Any]) -> Any:
    """Parameters are frozen as plain data long before the call; the SDK's own types describe literals."""
    return body


def _call(work: Callable[[], T]) -> T:
    import stripe

    forbid_in_transaction("A call to Stripe")
    try:
        return work()
    except stripe.StripeError as error:
        raise _known(error) from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Unknown("unreadable", f"{type(error).__name__}: {error}") from error


def _known(error: stripe.StripeError) -> GatewayError:
    import stripe

    details = getattr(error, "error", None)
    code = getattr(error, "code", None) or getattr(details, "code", None) or type(error).__name__
    about: dict[str, Any] = {"status": error.http_status, "request": error.request_id or ""}
    message = str(error.user_message or error)
    if isinstance(error, stripe.IdempotencyError):
        return Misused("idempotency_error", message, **about)
    if isinstance(error, stripe.RateLimitError | stripe.AuthenticationError) or code in NOT_DONE:
        return Later(str(code), message, **about)
    refused = isinstance(error, stripe.InvalidRequestError | stripe.CardError | stripe.PermissionError)
    if refused and code in DEFINITE:
        return Rejected(str(code), message, **about)
    return Unknown(str(code), message, **about)
