"""Each machine knows exactly the moves of the law, and refuses every other one."""

from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from itertools import product

import pytest

from workflows import LAWS
from workflows.machine import Clock, IllegalMove, Law, Move

# Written from the paper, not from the code: machine, move, sources -> target, who.
PAPER = """
posting publish: draft -> open: owner
posting propose: draft -> in_approval: owner
posting approve: in_approval -> open: programme_manager
posting send_back: in_approval -> draft: programme_manager timer
posting close: open -> closing: owner timer system
posting finish: closing -> closed: system
posting reopen: closing closed -> open: owner
posting cancel: draft in_approval open closing -> cancelled: owner
application send: draft -> applied: intern
application shortlist: applied -> shortlisted: reviewer owner
application unshortlist: shortlisted -> applied: reviewer owner
application offer: applied shortlisted released declined lapsed expired rejected -> offered: owner
application accept: offered -> accepted: intern
application decline: offered -> declined: intern
application lapse: offered -> lapsed: timer
application reject: applied shortlisted offered -> rejected: reviewer owner system
application withdraw: applied shortlisted offered -> withdrawn: intern
application undo_withdraw: withdrawn -> applied: intern
application expire: applied shortlisted -> expired: timer
application release: accepted -> released: system
internship match: posted -> matched: intern
internship start: matched -> in_progress: intern
internship unmatch: matched -> posted: intern owner timer
internship submit: in_progress -> submitted: intern
internship recall: submitted -> in_progress: intern
internship request_changes: submitted -> in_progress: reviewer
internship review: submitted -> reviewed: reviewer
internship approve_by_silence: submitted -> reviewed: timer
internship settle: reviewed -> paid: system
internship cancel: posted matched -> cancelled: owner timer system
internship conclude: submitted -> reviewed: system
internship end_early: in_progress -> reviewed: intern owner programme_manager timer
internship abandon: in_progress -> reviewed: programme_manager
internship freeze: submitted -> submitted: system
internship unfreeze: submitted -> submitted: system
task start: todo -> doing: intern
task finish: doing -> done: intern
task block: todo doing -> blocked: intern
task unblock: blocked -> doing: intern reviewer owner programme_manager
task reopen: done -> doing: intern
task put_back: doing -> todo: intern
submission submit: draft -> submitted: intern
submission recall: submitted -> recalled: intern
submission accept: submitted -> accepted: reviewer timer system
submission accept_partly: submitted -> partly_accepted: reviewer system
submission request_changes: submitted -> changes_requested: reviewer
submission reject: submitted -> rejected: reviewer system
funding begin: awaiting -> processing: owner programme_manager system
funding secure: awaiting processing void failed -> secured: finance system
funding fail: awaiting processing -> failed: finance system
funding retry: failed -> awaiting: owner programme_manager
funding cancel: awaiting processing failed -> void: system
funding settle: secured -> settled: system
funding refund: secured -> refunded: system
funding charge_back: secured settled -> charged_back: system
funding win_back: charged_back -> secured: system
payout approve: due -> approved: finance
payout release: approved due -> sending: finance_second system
payout confirm: sending -> paid: finance finance_second system
payout fail: sending -> due: finance finance_second system
payout hold: due approved -> held: finance finance_second system
payout unhold: held -> due: finance finance_second timer system
payout block: due approved -> blocked: finance finance_second system
payout unblock: blocked -> due: finance finance_second timer system
payout cancel: due approved held blocked -> cancelled: finance finance_second system
payout reverse: paid -> reversed: finance finance_second system
"""


def paper() -> dict[tuple[str, str], Move]:
    rows = {}
    for line in PAPER.strip().splitlines():
        name, path, who = line.split(": ")
        machine, move = name.split()
        sources, target = path.split(" -> ")
        rows[machine, move] = Move(move, tuple(sources.split()), target, tuple(who.split()))  # type: ignore[arg-type]
    return rows


EVERY_MOVE = [
    pytest.param(machine, move, marks=pytest.mark.move(f"{machine}.{move.name}"), id=f"{machine}.{move.name}")
    for (machine, _), move in paper().items()
]


@pytest.mark.parametrize(("machine", "move"), EVERY_MOVE)
def test_a_move_leads_where_the_paper_says_and_from_nowhere_else(machine: str, move: Move) -> None:
    law = LAWS[machine]
    for state in law.states:
        if state in move.sources:
            assert law.target(state, move.name) == move.target
            assert move.name in law.moves_from(state)
        else:
            assert move.name not in law.moves_from(state)
            with pytest.raises(IllegalMove) as refused:
                law.target(state, move.name)
            assert (refused.value.machine, refused.value.state) == (machine, state)
            assert refused.value.move == move.name


@pytest.mark.parametrize(("machine", "move"), EVERY_MOVE)
def test_a_move_is_open_to_whom_the_paper_names(machine: str, move: Move) -> None:
    assert LAWS[machine].moves[move.name] == move


def test_no_machine_knows_a_move_that_the_paper_does_not() -> None:
    assert {(law.name, move) for law in LAWS.values() for move in law.moves} == set(paper())


@pytest.mark.parametrize(
    ("machine", "state", "move"),
    [
        ("internship", "submitted", "to_paid"),  # what automatic transitions would have added
        ("internship", "submitted", "trigger"),
        ("internship", "submitted", ""),
        ("internship", "unheard_of", "submit"),
        ("posting", "open", "submit"),  # another machine's move
    ],
)
def test_what_the_machine_does_not_know_is_refused(machine: str, state: str, move: str) -> None:
    with pytest.raises(IllegalMove):
        LAWS[machine].target(state, move)
    assert LAWS[machine].moves_from("unheard_of") == ()


def test_the_terminal_states_are_those_of_the_paper() -> None:
    assert LAWS["internship"].terminal == {"paid", "cancelled"}
    assert LAWS["posting"].terminal == {"cancelled"}
    assert LAWS["posting"].resting == {"closed", "cancelled"}
    assert LAWS["payout"].terminal == {"cancelled", "reversed"}


def test_an_offer_is_taken_back_only_by_the_end_of_its_seat_and_a_matched_seat_only_by_its_owner() -> None:
    reject, cancel = LAWS["application"].moves["reject"], LAWS["internship"].moves["cancel"]
    assert reject.by_from("offered") == ("system",)
    assert reject.by_from("applied") == ("reviewer", "owner", "system")
    assert reject.by_from("accepted") == ()
    assert cancel.by_from("matched") == ("owner",)
    assert cancel.by_from("posted") == ("owner", "timer", "system")


def test_what_a_dispute_leaves_open_are_moves_out_of_submitted() -> None:
    assert set(LAWS["internship"].moves_from("submitted")) > LAWS["internship"].while_frozen


def test_the_clocks_of_the_law_run_where_the_paper_says() -> None:
    running = {
        (law.name, clock.state, clock.kind): clock.fires for law in LAWS.values() for clock in law.clocks
    }
    assert running == {
        ("posting", "in_approval", "send_back"): "send_back",
        ("posting", "open", "close"): "close",
        ("application", "applied", "expire"): "expire",
        ("application", "shortlisted", "expire"): "expire",
        ("application", "offered", "lapse"): "lapse",
        ("internship", "posted", "cancel_unfilled"): "cancel",
        ("internship", "matched", "sign"): "unmatch",
        ("internship", "matched", "pay"): "unmatch",
        ("internship", "matched", "secure"): "unmatch",
        ("internship", "matched", "start"): "unmatch",
        ("internship", "in_progress", "end_early"): "end_early",
        ("internship", "submitted", "approve_by_silence"): "approve_by_silence",
        ("internship", "reviewed", "return_remainder"): None,
        ("internship", "paid", "return_remainder"): None,
        ("payout", "due", "payout_due"): None,
        ("payout", "approved", "payout_approved"): None,
        ("payout", "sending", "payout_sending"): None,
        ("payout", "held", "unhold"): "unhold",
        ("payout", "blocked", "unblock"): "unblock",
    }


def test_every_move_that_a_timer_may_make_alone_has_its_clock() -> None:
    fired = {(law.name, clock.fires) for law in LAWS.values() for clock in law.clocks}
    by_timer = {(law.name, m.name) for law in LAWS.values() for m in law.moves.values() if "timer" in m.by}
    # A version is never judged without its internship, whose clock it is.
    assert by_timer - fired == {("submission", "accept")}


class Lamp(StrEnum):
    OFF = "off"
    ON = "on"


def lamp(*moves: Move, clocks: tuple[Clock, ...] = ()) -> Law:
    return Law("lamp", Lamp, initial=Lamp.OFF, moves=moves, clocks=clocks)


SWITCH = Move("switch_on", (Lamp.OFF,), Lamp.ON, ("owner",))


@pytest.mark.parametrize(
    ("moves", "clocks", "reason"),
    [
        ((SWITCH, SWITCH), (), "two moves bear the same name"),
        ((SWITCH,), (Clock("dusk", "dim", "switch_on"),), "runs in unknown state dim"),
        ((SWITCH,), (Clock("dusk", Lamp.OFF, "switch_on"),), "no timer may switch_on from off"),
        ((SWITCH,), (Clock("dusk", Lamp.OFF, "burn"),), "no timer may burn from off"),
        ((Move("dim", (Lamp.ON,), "dimmed", ()),), (), "dim touches an unknown state"),
    ],
)
def test_a_law_that_contradicts_itself_is_refused_when_it_is_written(
    moves: tuple[Move, ...], clocks: tuple[Clock, ...], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        lamp(*moves, clocks=clocks)


def test_states_come_out_as_plain_strings() -> None:
    law = lamp(SWITCH)
    everything = [law.initial, *law.states, *law.terminal, law.target(Lamp.OFF, "switch_on")]
    assert {type(state) for state in everything} == {str}
    assert {type(s) for move in law.moves.values() for s in (*move.sources, move.target)} == {str}


def test_one_law_serves_many_threads_and_keeps_none_of_what_it_moved() -> None:
    law = LAWS["application"]
    steps = [(s, m) for s, m in product(law.states, law.moves) if s in law.moves[m].sources] * 50
    with ThreadPoolExecutor(8) as threads:
        targets = list(threads.map(lambda step: law.target(*step), steps))
    assert targets == [law.moves[move].target for _, move in steps]
    assert law._machine.models == []
