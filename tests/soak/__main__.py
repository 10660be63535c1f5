"""`make soak`: tell the story while web, worker and database are killed with -9 at random moments, kill each of them at
every point around a transfer, and let fifty browsers hammer one card.

Prints what was killed, how often requests went unanswered, and whether anything acknowledged was lost or anything
was booked twice. ROUNDS and SEED in the environment choose how long, and which moments.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import requests
from sqlalchemy import func, select, text

from tests.end_to_end.steps import tell
from tests.soak import hammer, points
from tests.soak.installation import Installation
from tests.soak.remote import RemoteStory, until_it_works
from webapp.core.database.base import db
from webapp.payouts.models import Attempt, Payout, PayoutPart

KILLS = 20
SPINE = ["posted", "matched", "in_progress", "submitted", "in_progress", "submitted", "reviewed", "paid"]


class Killer(threading.Thread):
    """Kills a random part at random moments, and remembers what. The next one only once all answers again."""

    def __init__(self, installation: Installation, seed: int) -> None:
        super().__init__(daemon=True)
        self.installation, self.random = installation, random.Random(seed)
        self.killed: dict[str, int] = {"web": 0, "worker": 0, "database": 0}
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.wait(self.random.uniform(0.5, 4.0)):
            kind = self.random.choice(["web", "worker", "database"])
            numbers = self.installation.processes(kind)
            if numbers:
                try:
                    os.kill(self.random.choice(numbers), signal.SIGKILL)
                except ProcessLookupError:
                    continue
                self.killed[kind] += 1
                self.recovered()

    def recovered(self) -> None:
        """Wait until the installation serves a page again."""
        while not self.enough.wait(0.3):
            try:
                if requests.get(f"{self.installation.base}/postings", timeout=10).status_code == 200:
                    return
            except requests.RequestException:
                continue

    @property
    def total(self) -> int:
        return sum(self.killed.values())


class Waiting:
    """The installation's own worker does the work; this waits until nothing is due."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def run_due(self) -> None:
        from webapp.worker import run_until_idle

        until_it_works(lambda: run_until_idle(self.app), Exception)
        until_it_works(self.nothing_is_left, Exception)

    def nothing_is_left(self) -> None:
        """Also what a killed worker had in hand is done: the sweep of stalled jobs gives it back."""
        with self.app.app_context():
            left = db.session.scalar(
                text(
                    "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') "
                    "AND task_name IN ('send_mail', 'posting_settled')"
                )
            )
            db.session.rollback()
        assert not left, f"{left} jobs are not done"


def tell_once(seed: int) -> tuple[dict[str, int], dict[str, int], list[str]]:
    """One telling under fire: what was killed, how requests fared, and what is wrong afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Path(folder).resolve())
        installation.start()
        installation.find_database()
        app = installation.app()
        story = RemoteStory(app, Waiting(app), installation.base, htmx=False)
        killer = Killer(installation, seed)
        killer.start()
        try:
            tell(story)
        except BaseException:
            print((installation.state_dir / "soak.log").read_text()[-6000:], file=sys.stderr)
            print(f"killed so far: {killer.killed}, requests {story.counts}", file=sys.stderr)
            installation.stop()
            raise
        finally:
            killer.enough.set()
            killer.join()
        until_it_works(lambda: psycopg.connect(installation.url).close(), psycopg.Error)
        wrong = story.read(lambda: findings(story))
        with app.app_context():
            db.engine.dispose()
        installation.stop()
        return killer.killed, story.counts, wrong


def findings(story: RemoteStory) -> list[str]:
    """What was lost or doubled; the books and histories were checked after every step."""
    wrong = []
    spine = [after for _, _, _, kind, _, _, after in story.history() if kind == "internship" and after]
    if spine != SPINE:
        wrong.append(f"the internship went {spine}")
    doubled = db.session.execute(
        select(Attempt.part_id)
        .where(Attempt.state == "succeeded")
        .group_by(Attempt.part_id)
        .having(func.count() > 1)
    ).all()
    if doubled:
        wrong.append(f"parts paid twice: {doubled}")
    for payout in db.session.scalars(select(Payout)):
        if payout.state != "paid":
            wrong.append(f"payout {payout.id} is {payout.state}")
        sent = db.session.scalar(
            select(func.sum(Attempt.amount))
            .join(PayoutPart)
            .where(PayoutPart.payout_id == payout.id, Attempt.state == "succeeded")
        )
        if sent != payout.amount:
            wrong.append(f"payout {payout.id} of {payout.amount} sent {sent}")
    return wrong


def main(arguments: list[str]) -> int:
    """Tell the story again and again until at least twenty parts were killed (ROUNDS tellings at least), then kill each
    part POINTS times at each point around a transfer, then hammer a card (ROUNDS rounds, else 200).
    `make soak ARGS=story`, `ARGS=points` or `ARGS=hammer` does one of the three.
    """
    works: dict[str, Callable[[], int]] = {
        "story": story,
        "points": lambda: points.main(int(os.environ.get("POINTS", "20"))),
        "hammer": lambda: hammer.main(int(os.environ.get("ROUNDS", "200"))),
    }
    bad = sum(work() for name, work in works.items() if name in arguments or not arguments)
    return 1 if bad else 0


def story() -> int:
    """Tell the story under fire; returns how much was wrong."""
    seed, rounds = int(os.environ.get("SEED", "1")), int(os.environ.get("ROUNDS", "1"))
    killed: dict[str, int] = {}
    bad, told, began = 0, 0, time.monotonic()
    while told < rounds or sum(killed.values()) < KILLS:
        hit, counts, wrong = tell_once(seed + told)
        told += 1
        for kind, number in hit.items():
            killed[kind] = killed.get(kind, 0) + number
        print(f"telling {told}: killed {hit}, requests {counts}, wrong: {wrong or 'nothing'}", flush=True)
        bad += len(wrong)
    taken = time.monotonic() - began
    print(
        f"{told} tellings, killed {killed}, {taken:.0f} s: {'nothing lost, nothing twice' if not bad else 'WRONG'}"
    )
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
