"""The life of money out: due, approved by one finance person, released by a second, confirmed by the bank.

`fall_due` creates it. A base payout is never cancelled: what was earned stays owed. Nobody is exempt from a
clock: those that fire no move climb from finance to the programme manager to the operator.
"""

from enum import StrEnum

from workflows.machine import Clock, Law, Move


class State(StrEnum):
    DUE = "due"
    APPROVED = "approved"
    SENDING = "sending"
    PAID = "paid"
    HELD = "held"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    REVERSED = "reversed"


LAW = Law(
    "payout",
    State,
    initial=State.DUE,
    creation="fall_due",
    moves=(
        Move("approve", (State.DUE,), State.APPROVED, ("finance",)),
        Move(
            "release",
            (State.APPROVED, State.DUE),
            State.SENDING,
            ("finance_second", "system"),
            # Money back to a payer of Stripe's goes by itself, the way it came; all other money needs two people.
            narrowed={State.APPROVED: ("finance_second",), State.DUE: ("system",)},
        ),
        Move("confirm", (State.SENDING,), State.PAID, ("finance", "finance_second", "system")),
        Move("fail", (State.SENDING,), State.DUE, ("finance", "finance_second", "system")),
        Move("hold", (State.DUE, State.APPROVED), State.HELD, ("finance", "finance_second", "system")),
        Move("unhold", (State.HELD,), State.DUE, ("finance", "finance_second", "timer", "system")),
        Move("block", (State.DUE, State.APPROVED), State.BLOCKED, ("finance", "finance_second", "system")),
        Move("unblock", (State.BLOCKED,), State.DUE, ("finance", "finance_second", "timer", "system")),
        Move(
            "cancel",
            (State.DUE, State.APPROVED, State.HELD, State.BLOCKED),
            State.CANCELLED,
            ("finance", "finance_second", "system"),
        ),
        Move("reverse", (State.PAID,), State.REVERSED, ("finance", "finance_second", "system")),
    ),
    clocks=(
        Clock("payout_due", State.DUE, fires=None),
        Clock("payout_approved", State.APPROVED, fires=None),
        Clock("payout_sending", State.SENDING, fires=None),
        Clock("unhold", State.HELD, fires="unhold"),
        Clock("unblock", State.BLOCKED, fires="unblock"),
    ),
    resting=(State.PAID,),
)
