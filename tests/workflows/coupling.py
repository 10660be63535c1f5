"""What a move of one thing means to another: the seven machines as one clockwork, told as data.

Names are "machine.move". Facts are plain words: the walk (tests/workflows) evaluates them on things in
memory, the actions of the app on rows. Nothing here is executed; it is the score that both play from.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Effect:
    """`cause` brings one of `moves` to each thing that stands in relation `on` and whose state allows it.

    Things in any other state stay as they are. Where one state allows several of the moves, the verdict that
    comes with the cause decides. With `certain`, exactly one thing moves, or the machines disagree.
    `after` limits the effect to a cause that left one of these states.
    """

    cause: str
    on: str
    moves: tuple[str, ...]
    certain: bool = False
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Creates:
    """`cause` gives birth to a `thing` in the first state of its machine, if the fact `when` holds."""

    cause: str
    thing: str
    each: str
    when: str = ""


VERDICTS = ("submission.accept", "submission.accept_partly", "submission.reject")
UNDO_FUNDING = ("funding.cancel", "funding.refund")

EFFECTS: tuple[Effect, ...] = (
    Effect("posting.cancel", "seats", ("internship.cancel",)),
    Effect("posting.cancel", "applications", ("application.reject",)),
    Effect("application.accept", "held seat", ("internship.match",), certain=True),
    Effect("internship.unmatch", "accepted application", ("application.release",), certain=True),
    Effect("internship.unmatch", "fundings of the match", UNDO_FUNDING),
    Effect("internship.cancel", "accepted application", ("application.release",)),
    Effect("internship.cancel", "offer on the seat", ("application.reject",)),
    Effect("internship.cancel", "fundings of the match", UNDO_FUNDING),
    Effect("internship.abandon", "accepted application", ("application.release",), certain=True),
    Effect("internship.submit", "newest submission", ("submission.submit",), certain=True),
    Effect("internship.recall", "newest submission", ("submission.recall",), certain=True),
    Effect("internship.request_changes", "newest submission", ("submission.request_changes",), certain=True),
    Effect("internship.review", "newest submission", VERDICTS, certain=True),
    Effect("internship.approve_by_silence", "newest submission", ("submission.accept",), certain=True),
    Effect("internship.conclude", "newest submission", VERDICTS, certain=True),
    # Late money is never without a home: it is booked as secured and goes straight back. A failed funding is
    # simply secured: its match still stands, for the end of a match makes it void.
    Effect("funding.secure", "itself", ("funding.refund",), certain=True, after=("void",)),
)

NEVER_ALONE: frozenset[str] = frozenset(
    {
        "internship.match",
        "submission.submit",
        "submission.recall",
        "submission.accept",
        "submission.accept_partly",
        "submission.request_changes",
        "submission.reject",
    }
)
"""Moves that a person makes only through another one, which entails them: they are no button of their own."""

CREATES: tuple[Creates, ...] = (
    Creates("posting.publish", "internship", "seat"),
    Creates("posting.approve", "internship", "seat"),
    Creates("internship.match", "funding", "payer"),
    Creates("internship.start", "task", "deliverable"),
    Creates("internship.start", "submission", "first version"),
    Creates("internship.recall", "submission", "next version"),
    Creates("internship.request_changes", "submission", "next version"),
    Creates("internship.review", "payout", "base", when="something_awarded"),
    Creates("internship.approve_by_silence", "payout", "base", when="something_awarded"),
    Creates("internship.conclude", "payout", "base", when="something_awarded"),
    Creates("internship.end_early", "payout", "base", when="something_awarded"),
    Creates("internship.abandon", "payout", "base", when="something_awarded"),
    Creates("internship.abandon", "internship", "successor"),
    Creates("funding.refund", "payout", "refund of the whole"),
    # Not a move but a clock, or the intern's word that the result is accepted.
    Creates("internship.return_remainder", "payout", "refund of the remainder"),
)

REQUIRES: Mapping[str, tuple[str, ...]] = {
    "posting.reopen": ("seat_unmatched",),
    "posting.cancel": ("nobody_matched",),
    "application.send": ("posting_open",),
    "application.undo_withdraw": ("posting_open",),
    "application.offer": ("posting_not_cancelled", "seat_free"),
    "internship.start": ("both_signed", "funding_secured", "intern_payable"),
    "internship.recall": ("no_review_draft",),
    "internship.request_changes": ("rounds_left",),
    "internship.abandon": ("intern_silent",),
    "funding.begin": ("both_signed",),
    # A cancelled return would strand the payer's money as a cancelled base payout would strand the intern's.
    "payout.cancel": ("is_adjustment",),
}
"""The facts about other things that must hold before a person may make a move."""

CONSENT: Mapping[str, str] = {
    "internship.unmatch": "",
    "internship.cancel": "both_signed",
    "internship.end_early": "",
}
"""Moves that intern and owner make only together once the fact holds; timer and programme manager make alone."""

BY_ITSELF: Mapping[str, str] = {
    "posting.close": "every_seat_taken",
    "posting.finish": "every_applicant_answered",
    "internship.settle": "every_leg_confirmed",
    "funding.settle": "all_paid_out_or_returned",
}
"""Moves that follow as soon as their fact holds, in the same transaction as the last step that made it so."""

CLOCK_RUNS_WHILE: Mapping[str, str] = {
    "internship.cancel_unfilled": "posting_closed",
    "internship.sign": "signature_missing",
    "internship.pay": "payment_not_begun",
    "internship.secure": "payment_under_way",
    "internship.start": "funding_secured",
    "internship.return_remainder": "remainder_not_returned",
}
"""The clocks that run only while a fact holds; every other clock runs as long as its state lasts."""

ESCALATES: Mapping[str, tuple[str, ...]] = {
    "payout.payout_due": ("finance", "programme_manager", "operator"),
    "payout.payout_approved": ("finance_second", "programme_manager", "operator"),
    "payout.payout_sending": ("finance", "programme_manager", "operator"),
}
"""Clocks that move nothing but call the next person; the last one may appoint a stand-in for the first."""
