"""The words for the states, the history and the reasons of internships."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Labels

LABELS = Labels(
    kinds={"internship": _l("An internship")},
    states={
        "internship": {
            "posted": _l("Posted"),
            "matched": _l("Matched"),
            "in_progress": _l("In progress"),
            "submitted": _l("Submitted"),
            "reviewed": _l("Reviewed"),
            "paid": _l("Paid"),
            "cancelled": _l("Cancelled"),
        },
    },
    history={
        "internship.create": _l("A seat was opened."),
        "internship.match": _l("%(who)s was matched; the agreement was written."),
        "internship.signed": _l("%(who)s accepted the agreement by name."),
        "internship.start": _l("%(who)s started the work."),
        "internship.unmatch": _l("The match was ended; the seat is free again."),
        "internship.submit": _l("%(who)s submitted the work."),
        "internship.recall": _l("%(who)s withdrew the submission."),
        "internship.request_changes": _l("%(who)s asked for changes."),
        "internship.review": _l("%(who)s reviewed the work and fixed the amount."),
        "internship.approve_by_silence": _l(
            "No one reviewed the work in time, so it was approved with the full base."
        ),
        "internship.extend_review": _l("%(who)s took extra time for the review."),
        "internship.result_accepted": _l("%(who)s accepted the result."),
        "internship.settle": _l("The payment is complete."),
        "internship.cancel": _l("The seat was cancelled."),
        "internship.freeze": _l("A dispute was opened; everything is paused."),
        "internship.unfreeze": _l("The dispute is over; everything continues."),
        "internship.conclude": _l("The dispute was concluded."),
        "internship.end_early": _l("The internship ended early."),
        "internship.abandon": _l("%(who)s ended the internship after a long time without activity."),
        "internship.funding_begun": _l("The payment was started."),
        "internship.secured": _l("The money is secured."),
        "internship.refunded": _l("The money goes back to the payer."),
        "internship.remainder_returned": _l("What the result did not use goes back to the payer."),
    },
    # Why one ended.
    reasons={
        "seat_cancelled": _l("The seat was cancelled."),
        "unfilled": _l("The seat was not filled in time."),
        "sign": _l("The agreement was not accepted by both sides in time."),
        "pay": _l("The payment was not started in time."),
        "secure": _l("The money did not arrive in time."),
        "start": _l("The work was not started in time."),
    },
    barriers={
        "internship": {
            "posted": {
                "": _l("A match ends early only when a deadline is missed, or when both sides agree.")
            },
            "matched": {"": _l("A seat is matched when an applicant accepts the offer.")},
            "in_progress": {
                "": _l("The work starts when the intern starts it."),
                "submitted": _l("Only the employer's reviewers can send work back."),
            },
            "submitted": {"": _l("Only the intern can hand in the work.")},
            "reviewed": {
                "": _l("Only work that was handed in can be reviewed."),
                "submitted": _l(
                    "Only the employer's reviewers review the work, never the person who did it."
                ),
            },
            "paid": {
                "": _l(
                    "It is marked as paid automatically once finance has released the money and it was sent."
                )
            },
        }
    },
)
