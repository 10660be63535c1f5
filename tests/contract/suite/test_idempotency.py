"""Idempotency keys: the same answer for the same key, and when it is refused."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.contract.conftest import Stripe
from tests.contract.suite.asking import checkout, header


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
