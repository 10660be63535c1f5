"""The life of one seat, the spine of the product: posted, matched, in progress, submitted, reviewed, paid.

Being frozen (a dispute is open before a review) is a side condition and no state: every deadline stands
still and only the moves `while_frozen` are possible. `freeze` and `unfreeze` lead from `submitted` back to `submitted`,
so that the history tells when the clocks stood.
"""

from enum import StrEnum

from workflows.machine import Clock, Law, Move


class State(StrEnum):
    POSTED = "posted"
    MATCHED = "matched"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    PAID = "paid"
    CANCELLED = "cancelled"


LAW = Law(
    "internship",
    State,
    initial=State.POSTED,
    moves=(
        Move("match", (State.POSTED,), State.MATCHED, ("intern",)),
        Move("start", (State.MATCHED,), State.IN_PROGRESS, ("intern",)),
        Move("unmatch", (State.MATCHED,), State.POSTED, ("intern", "owner", "timer")),
        Move("submit", (State.IN_PROGRESS,), State.SUBMITTED, ("intern",)),
        Move("recall", (State.SUBMITTED,), State.IN_PROGRESS, ("intern",)),
        Move("request_changes", (State.SUBMITTED,), State.IN_PROGRESS, ("reviewer",)),
        Move("review", (State.SUBMITTED,), State.REVIEWED, ("reviewer",)),
        Move("approve_by_silence", (State.SUBMITTED,), State.REVIEWED, ("timer",)),
        Move("settle", (State.REVIEWED,), State.PAID, ("system",)),
        Move(
            "cancel",
            (State.POSTED, State.MATCHED),
            State.CANCELLED,
            ("owner", "timer", "system"),
            # A free seat may also end by its clock or with its posting; a matched one never does.
            narrowed={State.MATCHED: ("owner",)},
        ),
        Move("conclude", (State.SUBMITTED,), State.REVIEWED, ("system",)),
        Move(
            "end_early",
            (State.IN_PROGRESS,),
            State.REVIEWED,
            ("intern", "owner", "programme_manager", "timer"),
        ),
        Move("abandon", (State.IN_PROGRESS,), State.REVIEWED, ("programme_manager",)),
        Move("freeze", (State.SUBMITTED,), State.SUBMITTED, ("system",)),
        Move("unfreeze", (State.SUBMITTED,), State.SUBMITTED, ("system",)),
    ),
    clocks=(
        # Runs only once the posting is closed: armed by its `finish`, or by an unmatch that comes later.
        Clock("cancel_unfilled", State.POSTED, fires="cancel"),
        # One after the other, each armed by the fact that ends the one before: both signed, begun, secured.
        Clock("sign", State.MATCHED, fires="unmatch"),
        Clock("pay", State.MATCHED, fires="unmatch"),
        Clock("secure", State.MATCHED, fires="unmatch"),
        Clock("start", State.MATCHED, fires="unmatch"),
        Clock("end_early", State.IN_PROGRESS, fires="end_early"),
        Clock("approve_by_silence", State.SUBMITTED, fires="approve_by_silence"),
        # Moves the money, not the internship: what the result did not use goes back to the payer.
        Clock("return_remainder", State.REVIEWED, fires=None),
        Clock("return_remainder", State.PAID, fires=None),
    ),
    while_frozen=("conclude", "unfreeze"),
)
