"""The life of money in, per internship and payer: secured only on the provider's or a finance person's word.

A funding belongs to one match, whose end makes it void or refunds it. Money that arrives on a void one is
secured and at once refunded, so that nothing that reached us is ever without a home.
"""

from enum import StrEnum

from workflows.machine import Law, Move


class State(StrEnum):
    AWAITING = "awaiting"
    PROCESSING = "processing"
    SECURED = "secured"
    SETTLED = "settled"
    VOID = "void"
    FAILED = "failed"
    REFUNDED = "refunded"
    CHARGED_BACK = "charged_back"


LAW = Law(
    "funding",
    State,
    initial=State.AWAITING,
    moves=(
        Move("begin", (State.AWAITING,), State.PROCESSING, ("owner", "programme_manager", "system")),
        Move(
            "secure",
            (State.AWAITING, State.PROCESSING, State.VOID, State.FAILED),
            State.SECURED,
            ("finance", "system"),
        ),
        Move("fail", (State.AWAITING, State.PROCESSING), State.FAILED, ("finance", "system")),
        Move("retry", (State.FAILED,), State.AWAITING, ("owner", "programme_manager")),
        Move("cancel", (State.AWAITING, State.PROCESSING, State.FAILED), State.VOID, ("system",)),
        Move("settle", (State.SECURED,), State.SETTLED, ("system",)),
        Move("refund", (State.SECURED,), State.REFUNDED, ("system",)),
        Move("charge_back", (State.SECURED, State.SETTLED), State.CHARGED_BACK, ("system",)),
        Move("win_back", (State.CHARGED_BACK,), State.SECURED, ("system",)),
    ),
    resting=(State.SETTLED, State.VOID, State.REFUNDED),
)
