"""The life of a posting: written, approved where the programme asks for it, open, and closed in good order.

A posting never ends with an applicant unanswered: it stays in `closing` until every one has an outcome.
Opening it creates one internship per seat; reopening creates none.
"""

from enum import StrEnum

from workflows.machine import Clock, Law, Move


class State(StrEnum):
    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    CANCELLED = "cancelled"


LAW = Law(
    "posting",
    State,
    initial=State.DRAFT,
    moves=(
        Move("publish", (State.DRAFT,), State.OPEN, ("owner",)),
        Move("propose", (State.DRAFT,), State.IN_APPROVAL, ("owner",)),
        Move("approve", (State.IN_APPROVAL,), State.OPEN, ("programme_manager",)),
        Move("send_back", (State.IN_APPROVAL,), State.DRAFT, ("programme_manager", "timer")),
        Move("close", (State.OPEN,), State.CLOSING, ("owner", "timer", "system")),
        Move("finish", (State.CLOSING,), State.CLOSED, ("system",)),
        Move("reopen", (State.CLOSING, State.CLOSED), State.OPEN, ("owner",)),
        Move(
            "cancel",
            (State.DRAFT, State.IN_APPROVAL, State.OPEN, State.CLOSING),
            State.CANCELLED,
            ("owner",),
        ),
    ),
    clocks=(
        Clock("send_back", State.IN_APPROVAL, fires="send_back"),
        Clock("close", State.OPEN, fires="close"),
    ),
    resting=(State.CLOSED,),
)
