"""Many clients hammer one card: in every round exactly one of them moves it, and the history is one serial story.

The short run is tests/tasks/test_hammer.py, the long one `make soak ARGS=hammer`.
"""

from __future__ import annotations

import http.client
import random
import re
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import select

from tests.support import people as cast
from tests.support import teams
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.internships.models import Internship
from webapp.tasks.models import Task, TaskMove
from workflows import task as law

PATIENCE = 60.0
BESIDE = 6
"""Cards that lie beside the hammered one, for places between them."""


@dataclass(frozen=True)
class Blow:
    """One request: what was asked (`move_version` as it was seen), and what came."""

    op: UUID
    seq: int
    to: str
    status: int
    shown: int
    """The number of the card's moves in the answer; 0 where there is no card in it."""
    milliseconds: float
    body: str = field(repr=False, default="")


@dataclass
class Tally:
    """All blows of a run."""

    blows: list[Blow] = field(default_factory=list)
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def winners(self) -> list[Blow]:
        return [blow for blow in self.blows if blow.status == 200]

    def __str__(self) -> str:
        taken = sorted(blow.milliseconds for blow in self.blows)
        counts = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        return (
            f"{len(self.blows)} requests ({counts}): {len(self.winners)} moves; median {statistics.median(taken):.0f} ms, "
            f"p99 {taken[int(len(taken) * 0.99)]:.0f} ms, at most {taken[-1]:.0f} ms; "
            f"{len(self.blows) / self.seconds:.0f} requests/s; wrong: {self.wrong or 'nothing'}"
        )

    @property
    def statuses(self) -> Counter[int]:
        return Counter(blow.status for blow in self.blows)


class Client:
    """One signed-in browser of the intern, with a connection of its own."""

    def __init__(self, base: str, browser: cast.Browser, seed: int) -> None:
        at = urlsplit(base)
        self.host, self.random = at.netloc, random.Random(seed)
        self.line = http.client.HTTPConnection(at.hostname or "", at.port, timeout=PATIENCE)
        self.token = browser.token()
        cookie = browser.client.get_cookie("stint")
        assert cookie is not None
        self.cookie = f"stint={cookie.value}"

    def hit(self, card: int, seq: int, state: str, others: Sequence[int], mentor: int) -> Blow:
        """Ask for a move to a column and a place of this client's choice."""
        to = self.random.choice([state, *(target for source, target in STEPS if source == state)])
        before = self.random.choice(["top", "end", *map(str, others)])
        op = uuid4()
        fields = {
            "csrf_token": self.token,
            "operation_id": op,
            "move_version": seq,
            "to": to,
            "before": before,
            "view": "card",
        }
        if to == "blocked" != state:
            fields |= {"waits_for": mentor, "why": "Which stalls?"}
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": self.cookie,
            "HX-Request": "true",
            "HX-Request-Type": "partial",
        }
        began = time.perf_counter()
        status, body = self._post(f"/tasks/{card}/move", urlencode(fields), headers)
        taken = (time.perf_counter() - began) * 1000
        return Blow(op, seq, to, status, _shown(body, card), taken, body)

    def _post(self, path: str, body: str, headers: dict[str, str]) -> tuple[int, str]:
        """A server that closes a quiet connection is no failure: then nothing was sent."""
        try:
            self.line.request("POST", path, body, headers)
            answer = self.line.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self.line.close()
            self.line.request("POST", path, body, headers)  # with its op: never twice
            answer = self.line.getresponse()
        answered = answer.status, answer.read().decode()
        if answer.will_close:
            self.line.close()
        return answered


STEPS = [(str(source), str(move.target)) for move in law.LAW.moves.values() for source in move.sources]


def _shown(body: str, card: int) -> int:
    """How many moves the card in an answer has had."""
    card_tag = re.search(rf'<li[^>]*\bid="card-{card}"[^>]*>', body)
    seq = re.search(r'data-version="(\d+)"', card_tag[0]) if card_tag else None
    return int(seq[1]) if seq else 0


class Anvil:
    """A board with one card that is hammered, and clients who are all signed in as the intern."""

    def __init__(self, app: Flask, base: str, clients: int) -> None:
        self.app, self.team = app, teams.build(app)
        with app.app_context(), unit_of_work():
            internship = db.session.get_one(Internship, self.team.internship)
            for number in range(BESIDE):
                task = Task(internship_id=internship.id, title=f"Beside {number}", rank=number * 7 + 1)
                task.created_at, task.move_version = internship.matched_at, 1  # type: ignore[assignment]
                db.session.add(task)
            db.session.flush()
            everybody = select(Task.id).where(Task.internship_id == internship.id).order_by(Task.id)
            self.card, *self.others = db.session.scalars(everybody)
        self.clients = [Client(base, cast.signed_in(app, self.team.intern), seed) for seed in range(clients)]

    def now(self) -> tuple[int, str]:
        """The card's number of moves, and its column."""
        with self.app.app_context(), unit_of_work():
            task = db.session.get_one(Task, self.card)
            return task.move_version, task.state

    def rounds(self, times: int, tally: Tally, tell: Callable[[str], None] = lambda _: None) -> None:
        """In every round all clients post what they saw at its beginning; exactly one may win."""
        with ThreadPoolExecutor(len(self.clients)) as threads:
            for number in range(1, times + 1):
                seq, state = self.now()
                start = threading.Barrier(len(self.clients))

                def hit(
                    client: Client,
                    seq: int = seq,
                    state: str = state,
                    start: threading.Barrier = start,
                ) -> Blow:
                    start.wait(PATIENCE)
                    return client.hit(self.card, seq, state, self.others, self.team.mentor)

                began = time.perf_counter()
                blows = list(threads.map(hit, self.clients))
                tally.seconds += time.perf_counter() - began
                tally.blows += blows
                tally.wrong += [f"round {number}: {fault}" for fault in _of_a_round(blows, seq)]
                if number % 25 == 0:
                    tell(f"  hammer: round {number} of {times}, wrong: {tally.wrong or 'nothing'}")

    def free(self, times: int, tally: Tally) -> None:
        """Nobody waits for anybody: each client goes on from the card that its last answer showed."""
        seq, state = self.now()

        def run(client: Client) -> list[Blow]:
            seen, column, mine = seq, state, []
            for _ in range(times):
                mine.append(client.hit(self.card, seen, column, self.others, self.team.mentor))
                seen, column = self.now()
            return mine

        began = time.perf_counter()
        with ThreadPoolExecutor(len(self.clients)) as threads:
            blows = [blow for mine in threads.map(run, self.clients) for blow in mine]
        tally.seconds += time.perf_counter() - began
        tally.blows += blows
        tally.wrong += _of_any(blows)
        won = Counter(blow.seq for blow in blows if blow.status == 200)
        tally.wrong += [f"move {seq} was won {times} times" for seq, times in won.items() if times > 1]

    def judge(self, tally: Tally) -> None:
        """What the database has is one serial order of exactly the moves that were won."""
        with self.app.app_context(), unit_of_work():
            tally.wrong += _story(db.session.get_one(Task, self.card), tally.winners)

    def close(self) -> None:
        for client in self.clients:
            client.line.close()


def _of_a_round(blows: Sequence[Blow], seq: int) -> list[str]:
    won = sum(blow.status == 200 for blow in blows)
    wrong = [] if won == 1 else [f"{won} moves were made"]
    return (
        wrong
        + _of_any(blows)
        + [
            f"a loser is shown move {b.shown} instead of {seq + 1}"
            for b in blows
            if b.status == 409 and b.shown != seq + 1
        ]
    )


def _of_any(blows: Sequence[Blow]) -> list[str]:
    """Every answer is a 200, or a 409 that shows the card as somebody else has made it."""
    wrong = []
    for blow in blows:
        if blow.status not in (200, 409):
            wrong.append(f"an answer of {blow.status}: {blow.body[:300]}")
        elif blow.shown <= blow.seq:
            wrong.append(f"after {blow.status} for move {blow.seq} the card of move {blow.shown} is shown")
    return wrong


def _story(task: Task, winners: Sequence[Blow]) -> list[str]:
    """Replay the card's history from its first state through the law; compare numbers and operations."""
    wrong = history.broken_entries([task.internship])
    state, moves = str(law.LAW.initial), 0
    for entry in history.of_subject("task", task.id):
        if entry.move == law.LAW.creation:
            continue
        moves += 1
        if entry.move == "place":
            after = state
        elif entry.from_state != state:
            wrong.append(f"entry {entry.number} goes from {entry.from_state}, the card was in {state}")
            after = entry.to_state or state
        else:
            after = str(law.LAW.target(state, entry.move))
            if entry.to_state != after:
                wrong.append(f"entry {entry.number}, {entry.move}, leads to {entry.to_state}, not {after}")
        state = after
    if (state, moves + 1) != (task.state, task.move_version):
        wrong.append(
            f"the history tells {moves} moves to {state}, the card had {task.move_version - 1} to {task.state}"
        )
    kept = db.session.scalars(
        select(TaskMove).where(TaskMove.task_id == task.id).order_by(TaskMove.move_version_after)
    ).all()
    if [task_move.move_version_after for task_move in kept] != list(range(2, task.move_version + 1)):
        wrong.append(
            f"the moves kept for undoing are numbered {[task_move.move_version_after for task_move in kept]}"
        )
    if {task_move.operation_id: task_move.move_version_after - 1 for task_move in kept} != {
        blow.op: blow.seq for blow in winners
    }:
        wrong.append("the operations that were kept are not those that won")
    numbers = [entry.number for entry in history.of_root("internship", task.internship_id)]
    if numbers != list(range(1, len(numbers) + 1)):
        wrong.append("the numbers of the internship's history have gaps")
    return wrong


def hammer(
    app: Flask,
    base: str,
    *,
    clients: int,
    rounds: int,
    free: int,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[Tally, Tally]:
    """`rounds` in which all clients wait for each other, then `free` blows of each without; the two tallies."""
    anvil, together, alone = Anvil(app, base, clients), Tally(), Tally()
    try:
        anvil.rounds(rounds, together, tell)
        anvil.free(free, alone)
        everything = Tally([*together.blows, *alone.blows])
        anvil.judge(everything)
        alone.wrong += everything.wrong
    finally:
        anvil.close()
    return together, alone
