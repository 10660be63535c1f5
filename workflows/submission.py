"""The life of one version of the work; a submitted version never changes, the next one is a new submission.

Its clock is the internship's `approve_by_silence`: a version is never judged without its internship.
"""

from enum import StrEnum

from workflows.machine import Law, Move


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    PARTLY_ACCEPTED = "partly_accepted"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    RECALLED = "recalled"


LAW = Law(
    "submission",
    State,
    initial=State.DRAFT,
    moves=(
        Move("submit", (State.DRAFT,), State.SUBMITTED, ("intern",)),
        Move("recall", (State.SUBMITTED,), State.RECALLED, ("intern",)),
        # By timer with `internship.approve_by_silence`; by system where a dispute fixes the outcome.
        Move("accept", (State.SUBMITTED,), State.ACCEPTED, ("reviewer", "timer", "system")),
        Move("accept_partly", (State.SUBMITTED,), State.PARTLY_ACCEPTED, ("reviewer", "system")),
        Move("request_changes", (State.SUBMITTED,), State.CHANGES_REQUESTED, ("reviewer",)),
        Move("reject", (State.SUBMITTED,), State.REJECTED, ("reviewer", "system")),
    ),
)
