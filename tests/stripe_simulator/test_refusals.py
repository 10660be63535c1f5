"""What the simulator refuses, and that it never stumbles over what a client sends."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stripe_simulator.conftest import checkout
from tests.support.simulator import Simulator
from webapp.stripe_simulator.controls import CONTROLS
from webapp.stripe_simulator.endpoints import ENDPOINTS


@pytest.mark.parametrize(
    ("changed", "code", "param"),
    [
        ({"colour": "blue"}, "parameter_unknown", "colour"),
        ({"payment_method_types": ["card"]}, "payment_method_types_no_longer_supported", "payment_method_types"),
        ({"ui_mode": "hosted"}, None, "ui_mode"),
        ({"success_url": "javascript:alert(1)"}, "url_invalid", "success_url"),
        ({"success_url": "http://evil.example;script-src *"}, "url_invalid", "success_url"),
        ({"metadata": {str(n): "x" for n in range(51)}}, None, "metadata"),
        ({"metadata": {"k" * 41: "x"}}, None, None),
        ({"metadata": {"k": "x" * 501}}, None, "metadata[k]"),
        ({"expires_at": 1}, None, "expires_at"),
        ({"line_items": []}, "parameter_missing", "line_items"),
    ],
    ids=str,
)  # fmt: skip
def test_a_session_that_stripe_would_refuse(
    client: Any, changed: Any, code: str | None, param: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create(checkout(**changed))
    assert refused.value.http_status == 400 and refused.value.code == code
    assert param is None or refused.value.param == param


@pytest.mark.parametrize(("currency", "least"), [("usd", 50), ("jpy", 50), ("gbp", 30), ("huf", 17_500)])
def test_the_least_charge_of_each_currency(client: Any, currency: str, least: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create(checkout(least - 1, currency))
    assert refused.value.code == "amount_too_small"
    assert client.v1.checkout.sessions.create(checkout(least, currency)).amount_total == least


def test_a_session_may_last_from_thirty_minutes_to_a_day(client: Any) -> None:
    now = int(time.time())
    for seconds, accepted in ((60, False), (31 * 60, True), (23 * 3600, True), (25 * 3600, False)):
        try:
            client.v1.checkout.sessions.create(checkout(expires_at=now + seconds))
            assert accepted
        except stripe.InvalidRequestError:
            assert not accepted


def test_who_has_no_key_or_a_live_one_is_nobody(simulator: Simulator, client: Any) -> None:
    for key in ("sk_test_other", "sk_live_other"):
        addresses: Any = dict.fromkeys(("api", "connect", "files", "meter_events"), simulator.url)
        other = stripe.StripeClient(key, base_addresses=addresses)
        with pytest.raises(stripe.AuthenticationError):
            other.v1.balance.retrieve()
    with pytest.raises(stripe.PermissionError):
        client.v1.balance.retrieve({}, {"stripe_account": "acct_1nobody"})
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.balance.retrieve({}, {"stripe_version": "2020-08-27"})


def test_an_account_sees_its_own_things_only(simulator: Simulator, client: Any, paid: Any) -> None:
    charge, account = paid(), simulator.active_account()
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.charges.retrieve(charge.id, {}, {"stripe_account": account})
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    assert client.v1.charges.list({}, {"stripe_account": account}).data == []


def test_what_cannot_be_expanded_is_refused(client: Any, paid: Any) -> None:
    charge = paid()
    expanded = client.v1.charges.list({"expand": ["data.balance_transaction.source"]}).data[0]
    assert expanded.balance_transaction.source.id == charge.id
    for path in ("amount", "balance_transaction.amount", "", "a.b.c.d.e.f"):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.charges.retrieve(charge.id, {"expand": [path]})


NASTY = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "0", "-1", "1e9", "12.5", "99999999999999999999999", "true", "null", "\x00", "é" * 90, "acct_1", "http://[", "\u202e",
         "http://a:99999/", "%", "usd", "{}", "[]", "9" * 15, "GBP"]
    ),
)  # fmt: skip
NAMES = sorted({name for endpoint in ENDPOINTS for name in endpoint.takes.of})
KEYS = st.one_of(
    st.sampled_from(NAMES),
    st.builds(
        "{}[{}]".format,
        st.sampled_from(NAMES),
        st.sampled_from(["0", "", "gte", "a", "price_data", "enabled"]),
    ),
    st.text(max_size=8),
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), NASTY),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


def paths() -> st.SearchStrategy[tuple[str, str]]:
    def filled(endpoint: Any, id: str) -> tuple[str, str]:
        return endpoint.method, endpoint.pattern.pattern.removesuffix(r"\Z").replace("([^/]+)", id)

    return st.builds(
        filled, st.sampled_from(ENDPOINTS), st.sampled_from(["x", "%00", "%ff", "acct_1", "a'b"])
    )


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    where=paths(),
    form=st.lists(st.tuples(KEYS, NASTY), max_size=6),
    structure=st.one_of(st.none(), JSON),
    raw=st.one_of(st.none(), st.binary(max_size=20)),
    key=st.sampled_from(["", "k", "\xff", "k" * 300]),
    account=st.sampled_from(["", "acct_1", "\xff"]),
)
def test_nothing_that_a_client_sends_makes_it_stumble(
    simulator: Simulator,
    where: tuple[str, str],
    form: Any,
    structure: Any,
    raw: bytes | None,
    key: str,
    account: str,
) -> None:
    method, path = where
    headers = {"Authorization": f"Bearer {simulator.key}"}
    headers |= {"Idempotency-Key": key} if key else {}
    headers |= {"Stripe-Account": account} if account else {}
    encoded = urlencode(form)
    body = raw or (json.dumps(structure).encode() if path.startswith("/v2/") else encoded.encode())
    answer = simulator.app.test_client().open(
        path, method=method, headers=headers, data=body if method == "POST" else None,
        query_string=encoded if method == "GET" else None,
    )  # fmt: skip
    assert answer.status_code < 500, (where, headers, body, answer.data)
    if answer.status_code >= 400:
        assert answer.json and answer.json["error"]["message"]


@pytest.mark.parametrize(
    "body", [b"[" * 5000, b'{"a":' * 3000, b'{"metadata":{"a":"\\ud800"}}', b'{"a":NaN}', b"\xff", b"[1]"]
)
def test_json_that_is_no_json_object_is_refused(simulator: Simulator, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {simulator.key}"}
    answer = simulator.app.test_client().post("/v2/core/accounts", headers=headers, data=body)
    assert answer.status_code == 400 and answer.json
    too_large = simulator.app.test_client().post(
        "/v2/core/accounts", headers=headers, data=b" " * (2 * 1024 * 1024)
    )
    assert too_large.status_code == 413 and too_large.json


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    control=st.sampled_from([*CONTROLS, "nothing"]),
    values=st.dictionaries(
        st.sampled_from(
            ["session", "account", "amount", "currency", "times", "seed", "source", "how", "kind", "path"]
        ),
        st.one_of(NASTY, JSON),
        max_size=4,
    ),
    page=st.sampled_from(
        ["/pay/{}", "/onboarding/{}", "/onboarding/{}/x", "/controls/{}", "/faults", "/?said={}"]
    ),
    text=st.sampled_from(["x", "%00", "%ff", "..%2f", "<b>"]),
)
def test_nothing_that_is_sent_to_its_pages_and_controls_makes_it_stumble(
    simulator: Simulator, control: str, values: dict[str, Any], page: str, text: str
) -> None:
    client = simulator.app.test_client()
    form = {name: str(value) for name, value in values.items()}
    for answer in (
        client.post(f"/_simulator/controls/{control}", data=json.dumps(values)),
        client.post("/_simulator/faults", data=json.dumps({"kind": "429", "path": "/none", **values})),
        client.post(f"/controls/{control}", data=form),
        client.post(page.format(text), data=form),
        client.get(page.format(text)),
        client.get("/"),
    ):
        assert answer.status_code < 500, (control, values, page, answer.data)
    simulator.clear_faults()
    simulator.control("release_webhooks")
    simulator.control("move_clock", seconds=-int(simulator.state()["clock"]["offset"]))
