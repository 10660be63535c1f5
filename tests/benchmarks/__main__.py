"""`make bench`: what a page and a move cost, beside the least that the same work could cost."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from jinja2 import Environment

from tests.ground import cast
from tests.ground.postgres import run_migrations
from webapp.app import create_app
from webapp.core import embedded_postgres, lifecycle
from webapp.core.config import Settings
from webapp.core.db import db
from webapp.core.unit_of_work import unit_of_work
from webapp.tasks.models import Task
from workflows import task as task_law

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "instance" / "bench.json"
CARD = Environment(autoescape=True).from_string(
    "<ol>{% for id, title, state, seq in cards %}<li id='card-{{ id }}' data-seq='{{ seq }}'>"
    "<h3><a href='/tasks/{{ id }}'>{{ title }}</a></h3><p>{{ state }}</p></li>{% endfor %}</ol>"
)


@dataclass
class Row:
    """One figure: the median of all rounds, in `unit`; `floor` is the least, `ratio` how many times that."""

    name: str
    value: float
    unit: str
    floor: float | None
    ratio: float | None


def median_ms(work: Callable[[], Any], rounds: int) -> float:
    """The median of `rounds` runs after a warm-up, in milliseconds."""
    for _ in range(max(3, rounds // 10)):
        work()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def against(name: str, ours: Callable[[], Any], floor: Callable[[], Any], rounds: int) -> Row:
    """Both, interleaved in three rounds; the middle of the three medians of each."""
    pairs = [(median_ms(ours, rounds), median_ms(floor, rounds)) for _ in range(3)]
    value, least = statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)
    return Row(name, round(value, 3), "ms", round(least, 3), round(value / least, 2))


def board(cards: int) -> tuple[int, int, list[int]]:
    """An internship with so many cards in `todo`: its id, the intern's, the cards'."""
    with unit_of_work():
        internship = cast.internship("in_progress")
        lifecycle.lock(internship)
        tasks = [
            Task(
                internship_id=internship.id,
                title=f"Card {n}: look at a thing and write it down",
                rank=Decimal(n),
                created_at=internship.matched_at,
            )
            for n in range(cards)
        ]
        db.session.add_all(tasks)
        db.session.flush()
        assert internship.intern_id is not None
        return internship.id, internship.intern_id, [task.id for task in tasks]


def measure(app: Any, url: str) -> list[Row]:
    """All rows of the table."""
    rows: list[Row] = []
    raw = psycopg.connect(url)
    select_cards = "SELECT id, title, state, seq FROM task WHERE internship_id = %s ORDER BY state, rank"
    for count in (200, 2000):
        with app.app_context():
            internship_id, intern_id, cards = board(count)
        browser = cast.signed_in(app, intern_id)

        def page(browser: Any = browser, internship_id: int = internship_id) -> None:
            assert browser.get(f"/internships/{internship_id}/board").status_code == 200

        def least_page(internship_id: int = internship_id) -> None:
            CARD.render(cards=raw.execute(select_cards, [internship_id]).fetchall())
            raw.rollback()

        rows.append(against(f"board of {count} cards, first view (25 a column)", page, least_page, 30))
        card, turn = cards[0], {"seq": 1, "to": "doing"}

        def move(browser: Any = browser, card: int = card, turn: dict[str, Any] = turn) -> None:
            fields = {"to": turn["to"], "before": "end", "seq": turn["seq"], "view": "card"}
            assert browser.send(f"/tasks/{card}/move", htmx=True, **fields).status_code == 200
            turn["seq"] += 1
            turn["to"] = "todo" if turn["to"] == "doing" else "doing"

        def least_move(card: int = card, internship_id: int = internship_id) -> None:
            raw.execute("SELECT id FROM internship WHERE id = %s FOR UPDATE", [internship_id])
            raw.execute("SELECT seq FROM task WHERE id = %s FOR UPDATE", [card])
            raw.execute("UPDATE task SET moved_at = now() WHERE id = %s", [card])
            raw.execute(
                "INSERT INTO rate_limit (bucket, window_start, count) VALUES (%s, clock_timestamp(), 1)",
                [str(card)],
            )
            raw.commit()

        rows.append(against(f"move of one card among {count}, audited", move, least_move, 60))
    raw.close()
    trigger = median_ms(lambda: [task_law.LAW.target("todo", "start") for _ in range(1000)], 20)
    rows.append(Row("state machine, one trigger", round(trigger, 3), "us", None, None))
    with app.app_context():
        rows.append(Row("a job's row in our transaction", round(enqueue(), 3), "ms", None, None))
    return rows


def enqueue() -> float:
    """The median of writing one job's row, in milliseconds."""
    from webapp.core.jobs import Job, defer

    def once() -> None:
        with unit_of_work():
            defer(Job.SEND_MAIL, mail_id=0)

    return median_ms(once, 60)


def main() -> int:
    """Print the table and write instance/bench.json."""
    with embedded_postgres.throw_away() as server, tempfile.TemporaryDirectory() as state:
        run_migrations(server.owner_url)
        settings = Settings.from_environment(
            {
                "STINT_ENV": "test",
                "DATABASE_URL": server.app_url,
                "DATABASE_OWNER_URL": server.owner_url,
                "STATE_DIR": state,
                "SECRET_KEY": "a key for benchmarks only, long enough",
            }
        )
        app = create_app(settings)
        rows = measure(app, server.app_url)
        with app.app_context():
            db.engine.dispose()
    width = max(len(row.name) for row in rows)
    print(f"{'what':<{width}}  {'median':>10}      {'floor':>10}  {'ratio':>6}")
    for row in rows:
        floor = f"{row.floor:10.3f}" if row.floor is not None else " " * 10
        ratio = f"{row.ratio:6.2f}" if row.ratio is not None else " " * 6
        print(f"{row.name:<{width}}  {row.value:10.3f} {row.unit}   {floor}  {ratio}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
