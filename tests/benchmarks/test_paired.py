"""Two builds side by side: every row is there, renamed forms are driven alike, and what is within the spread is equal."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.benchmarks.paired import crowd, rows, run, table
from tests.benchmarks.paired.builds import HERE
from tests.benchmarks.paired.visitor import Shown
from tests.benchmarks.paired.wire import Said, Talk
from webapp.launcher import embedded_postgres

OLD = """<main><div data-stream="/b/stream" data-card="/tasks/0/card"><ul><li id="card-7"><form action="/tasks/7/move"
 hx-post="/tasks/7/move"><input type="hidden" name="op" value="6f1e9a50-4b3d-4b52-9f7e-0d6a4a5b1c2d">
 <input type="hidden" name="seq" value="4"><button type="submit">Start</button></form></li></ul></div></main>"""
SHARED = """<main><form id="moves" method="post"><input type="hidden" name="csrf_token" value="t">
 <input type="hidden" name="operation_id" value="6f1e9a50-4b3d-4b52-9f7e-0d6a4a5b1c2d"></form>
 <div data-stream="/b/stream" data-card="/tasks/0/card"><ul><li id="card-7"><button form="moves"
 formaction="/tasks/7/move" name="press" value="4 doing">Start</button></li></ul></div></main>"""


def shown(page: str) -> Shown:
    return Shown("/b", BeautifulSoup(page, "html.parser"))


def test_a_build_beside_itself_has_every_row_and_every_viewer_gets_the_card(tmp_path: Path) -> None:
    sizes = rows.Sizes(
        board=24, whole=104, spread=2, requests=4, at_once=2, moves=3, viewers=(6,), heard_moves=(2,), held_seconds=0.5, rush_seconds=0.5,
        entries=(5, 60), rounds=1,
    )  # fmt: skip
    parts = ("boards", "moves", "statements", "history", "fan_out", "held", "overload")
    tmp_path.chmod(0o711)
    server = embedded_postgres.start(tmp_path)
    try:
        found = {one.name: one for one in run.compared(HERE, HERE, tmp_path, server, sizes, parts)}
    finally:
        server.stop()
        shutil.rmtree(server.home, ignore_errors=True)
    assert not [one.name for one in found.values() if one.first is None or one.other is None]
    for name in (
        "board of 24, first view, wall p50 c1",
        "whole board of 104 (length of a page raised), cpu a request",
        "one card as a part, wall p50 c1",
        "audited move, wall p50 c1",
        "moves spread over 2 boards, c2",
        "page of an internship with 60 entries against 5, wall",
        "one move until 6 viewers have the card, wall p95",
    ):
        first, other = found[name].first, found[name].other
        assert first is not None and other is not None and first > 0 and other > 0
    assert found["audited move, statements"].ratio == 1.0
    assert found["10 moves a second for 0 s, 6 viewers, had by everybody"].other == 10.0
    assert found["answer to a move"].ratio == pytest.approx(1.0, abs=0.05)


def test_what_lies_within_the_spread_of_one_build_counts_as_equal() -> None:
    assert table.pair_row("a page", "ms", [10, 10], [11, 12], [11, 11]).is_equal
    faster = table.pair_row("a page", "ms", [10, 10], [11, 9.5], [5, 6])
    assert not faster.is_equal
    assert faster.ratio == pytest.approx(5.5 / 10)
    assert faster.spread == pytest.approx(1.1)
    assert "n/a" in table.line(table.pair_row("a page", "ms", [10], [10], []))


@pytest.mark.parametrize(
    ("page", "unique", "rest"),
    [(OLD, "op", {"seq": "4"}), (SHARED, "operation_id", {"csrf_token": "t", "press": "4 doing"})],
)
def test_a_card_is_moved_by_the_button_that_is_on_the_page(
    page: str, unique: str, rest: dict[str, str]
) -> None:
    first, again = next(shown(page).presses()), next(shown(page).presses())
    assert (first.address, first.card) == ("/tasks/7/move", 7)
    fields = dict(first.fields)
    assert fields.pop(unique) != dict(again.fields)[unique]
    assert fields == rest
    assert shown(page).card_address(7) == "/tasks/7/card"


def test_an_answer_brings_the_button_of_the_next_move() -> None:
    answer = SHARED[SHARED.index("<li") : SHARED.index("</ul>")].replace("4 doing", "5 done")
    press = shown(SHARED).put(answer.encode(), 7)
    assert press is not None and dict(press.fields)["press"] == "5 done"


def test_a_viewer_has_the_card_with_the_message_or_reads_it() -> None:
    small = json.dumps({"n": 17, "card": 7, "version": 7})
    whole = json.dumps({"n": 17, "card": 7, "html": '<li class="card" id="card-7">'})
    assert crowd.mentions(small, 7) and not crowd.carries(small, 7)
    assert crowd.carries(whole, 7) and not crowd.carries(whole, 17)
    assert not crowd.mentions(small, 17)


def test_statements_are_counted_without_the_ends_of_transactions() -> None:
    def message(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("!I", len(body) + 4) + body

    said = Said()
    talk = Talk(said)
    talk.ask(struct.pack("!II", 8, 196608))
    talk.asking = False
    talk.ask(message(b"Q", b"BEGIN READ ONLY\0"))
    talk.asking = False
    talk.ask(message(b"P", b"\0SELECT 1\0\0\0") + message(b"B", b"\0\0\0\0\0\0\0\0"))
    talk.ask(message(b"E", b"\0\0\0\0\0") + message(b"S", b""))
    assert (said.statements, said.round_trips) == (1, 3)
