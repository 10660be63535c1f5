"""The suite sees: a simulator that breaks the contract, or a test that asks wrongly, does not get through."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stripe
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from tests.contract import patch, target
from tests.contract.exchanges import REFUSAL, RIGHT, TRANSFER
from tests.contract.held import FAULT_HEADER, Held
from tests.contract.plugin import NOTES, Notes
from tests.support.postgres import ROOT, TestDatabase
from tests.support.simulator import Simulator

KEY = {"Authorization": "Bearer sk_test_1", "Stripe-Version": patch.AFTER}


def answering(answer: Any, status: int = 200, **headers: str) -> Callable[..., Any]:
    """An application that gives this one answer, as Stripe would."""

    @Request.application
    def application(request: Request) -> Response:
        assert request.path == "/page" or request.form["amount"]
        text = answer if isinstance(answer, str) else json.dumps(answer)
        given = {"Request-Id": "req_1", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return Response(text, status, given, mimetype="application/json")

    return application


def found(application: Callable[..., Any], form: dict[str, str] = RIGHT, *, meant: bool = False) -> list[str]:
    notes = Notes()
    notes.wrong_requests_are_meant = meant
    Client(Held(application, notes)).post("/v1/transfers", data=form, headers=KEY)
    return notes.take()


def test_a_right_exchange_passes_unchanged_and_is_not_noted() -> None:
    notes = Notes()
    answer = Client(Held(answering(TRANSFER), notes)).post("/v1/transfers", data=RIGHT, headers=KEY)
    assert (answer.status_code, answer.json, answer.headers["Request-Id"]) == (200, TRANSFER, "req_1")
    assert notes.take() == []


def test_an_answer_without_a_required_field_is_noted() -> None:
    broken = {name: value for name, value in TRANSFER.items() if name != "currency"}
    assert found(answering(broken)) == ["POST /v1/transfers: the answer 200 currency is missing."]


def test_an_answer_with_a_number_as_text_is_noted() -> None:
    broken = {**TRANSFER, "amount": "1200"}
    assert found(answering(broken)) == [
        "POST /v1/transfers: the answer 200 amount must be integer, not '1200'."
    ]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"invented": "1"}, "invented is a name that Stripe does not know"),
        ({"amount": "12.5"}, "amount must be integer, not '12.5'"),
    ],
)
def test_a_wrong_request_is_noted_and_worse_when_it_was_accepted(
    changed: dict[str, str], sentence: str
) -> None:
    wrong, told = {**RIGHT, **changed}, f"POST /v1/transfers: the request's body: {sentence}."
    refusing, accepting = answering(REFUSAL, 400), answering(TRANSFER)
    assert found(refusing, wrong) == [told]
    assert found(refusing, wrong, meant=True) == []
    assert found(accepting, wrong) == [f"{told} It was accepted."] == found(accepting, wrong, meant=True)


def test_an_answer_that_a_fault_made_is_not_looked_at_but_its_request_is() -> None:
    assert found(answering('{"id": "tr_', X_Simulator_Fault="garbage")) == []
    assert found(answering(REFUSAL, 500, X_Simulator_Fault="500_after")) == []
    assert found(answering(REFUSAL, 500)) == [
        "POST /v1/transfers: the answer 500 is none that Stripe gives here."
    ]
    assert len(found(answering("", 500, X_Simulator_Fault="500_after"), {**RIGHT, "invented": "1"})) == 1
    assert FAULT_HEADER == "X-Simulator-Fault"


def test_the_request_of_an_answer_that_never_came_is_looked_at() -> None:
    def cut(environ: Any, start_response: Any) -> Any:
        raise ConnectionAbortedError

    notes = Notes()
    with pytest.raises(ConnectionAbortedError):
        Client(Held(cut, notes)).post("/v1/transfers", data={**RIGHT, "invented": "1"}, headers=KEY)
    assert notes.take() == [
        "POST /v1/transfers: the request's body: invented is a name that Stripe does not know."
    ]


def test_pages_and_controls_next_to_the_interface_are_not_looked_at() -> None:
    notes = Notes()
    assert Client(Held(answering("<html>"), notes)).get("/page").text == "<html>"
    assert notes.take() == []


def test_the_real_simulator_is_seen_when_its_answers_are_broken(database: TestDatabase) -> None:
    """Between the simulator and us somebody drops a field that is required, and writes a number as text."""
    notes = Notes()

    def breaking(application: Callable[..., Any]) -> Any:
        @Request.application
        def broken(request: Request) -> Response:
            answer = Response.from_app(application, request.environ, buffered=True)
            if not request.path.startswith("/v1/"):
                return answer
            said = json.loads(answer.data)
            del said["livemode"]
            said["available"][0]["amount"] = str(said["available"][0]["amount"])
            answer.data = json.dumps(said).encode()
            return answer

        return Held(broken, notes)

    simulator = Simulator(database.owner_url, wrap=breaking)
    try:
        simulator.control("top_up", amount=100, currency="usd")
        simulator.client().v1.balance.retrieve()
    finally:
        simulator.stop()
    assert sorted(notes.take()) == [
        "GET /v1/balance: the answer 200 available[0].amount must be integer, not '100'.",
        "GET /v1/balance: the answer 200 livemode is missing.",
    ]


def test_the_simulator_of_all_tests_is_held(simulator: Simulator) -> None:
    transfers: Any = simulator.client().v1.transfers
    with pytest.raises(stripe.InvalidRequestError):
        transfers.create({**RIGHT, "amount": 12.5, "invented": 1})
    assert sorted(NOTES.take()) == [
        "POST /v1/transfers: the request's body: amount must be integer, not '12.5'.",
        "POST /v1/transfers: the request's body: invented is a name that Stripe does not know.",
    ]


def test_what_was_noted_belongs_to_the_test_that_runs() -> None:
    NOTES.add(["One.", "One.", "Two."])
    assert (NOTES.take(), NOTES.take()) == (["One.", "Two."], [])


TESTS = """
import pytest
from werkzeug.test import Client
from tests.contract.held import Held
from tests.contract.test_held import KEY, REFUSAL, RIGHT, TRANSFER, answering

def send(answer, status=200, **more):
    Client(Held(answering(answer, status))).post("/v1/transfers", data={**RIGHT, **more}, headers=KEY)

def test_right(): send(TRANSFER)
def test_wrong_answer(): send({**TRANSFER, "amount": "1200"})
def test_wrong_request(): send(REFUSAL, 400, invented="1")
@pytest.mark.wrong_requests
def test_wrong_request_that_is_meant(): send(REFUSAL, 400, invented="1")
@pytest.mark.simulator_only("it says so")
def test_simulator_only(): pass
@pytest.fixture
def before(): send({**TRANSFER, "amount": "1200"})
def test_wrong_answer_in_a_fixture(before): pass
def test_right_after_wrong(): send(TRANSFER)
"""


def session(folder: Path, key: str = "") -> tuple[int, str]:
    (folder / "test_them.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "tests.contract.plugin", "-rfs",
         "--rootdir", folder, "-c", os.devnull, "--strict-markers", folder],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), target.VARIABLE: key},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_test_whose_exchanges_broke_the_contract_fails_with_the_sentences(tmp_path: Path) -> None:
    code, told = session(tmp_path)
    assert (code, "3 failed, 4 passed" in told) == (1, True), told
    for name in ("test_wrong_answer", "test_wrong_request", "test_wrong_answer_in_a_fixture"):
        assert re.search(rf"FAILED \S+::{name}\b", told)
    assert "the answer 200 amount must be integer, not '1200'." in told


def test_what_only_the_simulator_can_do_is_skipped_against_stripe(tmp_path: Path) -> None:
    _, told = session(tmp_path, "sk_test_of_nobody")
    assert "Only the simulator can do this: it says so" in told


@pytest.mark.parametrize("key", ["sk_live_1", "rk_live_1", "pk_test_1", "secret"])
def test_a_key_that_is_not_of_the_test_mode_ends_the_session_and_is_not_shown(
    tmp_path: Path, key: str
) -> None:
    code, told = session(tmp_path, key)
    assert code == pytest.ExitCode.USAGE_ERROR
    assert "STRIPE_CONTRACT_KEY must be a key of Stripe's test mode" in told
    assert key not in told


def test_without_a_key_no_address_is_stripes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "_addresses", lambda: {"192.0.2.1"})
    monkeypatch.delenv(target.VARIABLE, raising=False)
    assert not target.is_stripe("192.0.2.1")
    monkeypatch.setenv(target.VARIABLE, "sk_test_of_nobody")
    assert target.is_stripe("192.0.2.1")
    assert not target.is_stripe("192.0.2.2")
    monkeypatch.setenv(target.VARIABLE, "sk_live_of_nobody")
    assert not target.is_stripe("192.0.2.1")
