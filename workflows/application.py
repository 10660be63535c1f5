"""The life of an application: sent, weighed, offered a seat, and always answered.

Every state but the first four is an outcome; most outcomes may still turn into an offer while a seat is free.
"""

from enum import StrEnum

from workflows.machine import Clock, Law, Move


class State(StrEnum):
    DRAFT = "draft"
    APPLIED = "applied"
    SHORTLISTED = "shortlisted"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    RELEASED = "released"


UNANSWERED = frozenset({State.APPLIED.value, State.SHORTLISTED.value, State.OFFERED.value})
"""The states in which an applicant waits for an answer, or we wait for theirs."""

LAW = Law(
    "application",
    State,
    initial=State.DRAFT,
    moves=(
        Move("send", (State.DRAFT,), State.APPLIED, ("intern",)),
        Move("shortlist", (State.APPLIED,), State.SHORTLISTED, ("reviewer", "owner")),
        Move("unshortlist", (State.SHORTLISTED,), State.APPLIED, ("reviewer", "owner")),
        Move(
            "offer",
            (
                State.APPLIED,
                State.SHORTLISTED,
                State.RELEASED,
                State.DECLINED,
                State.LAPSED,
                State.EXPIRED,
                State.REJECTED,
            ),
            State.OFFERED,
            ("owner",),
        ),
        Move("accept", (State.OFFERED,), State.ACCEPTED, ("intern",)),
        Move("decline", (State.OFFERED,), State.DECLINED, ("intern",)),
        Move("lapse", (State.OFFERED,), State.LAPSED, ("timer",)),
        Move(
            "reject",
            (State.APPLIED, State.SHORTLISTED, State.OFFERED),
            State.REJECTED,
            ("reviewer", "owner", "system"),
            # An offer is a promise: only the end of the posting or of its seat takes it back.
            narrowed={State.OFFERED: ("system",)},
        ),
        Move("withdraw", (State.APPLIED, State.SHORTLISTED, State.OFFERED), State.WITHDRAWN, ("intern",)),
        Move("undo_withdraw", (State.WITHDRAWN,), State.APPLIED, ("intern",)),
        Move("expire", (State.APPLIED, State.SHORTLISTED), State.EXPIRED, ("timer",)),
        Move("release", (State.ACCEPTED,), State.RELEASED, ("system",)),
    ),
    clocks=(
        Clock("expire", State.APPLIED, fires="expire"),
        Clock("expire", State.SHORTLISTED, fires="expire"),
        Clock("lapse", State.OFFERED, fires="lapse"),
    ),
    resting=(
        State.ACCEPTED,
        State.DECLINED,
        State.LAPSED,
        State.REJECTED,
        State.WITHDRAWN,
        State.EXPIRED,
        State.RELEASED,
    ),
)
