"""The words for the states, the history and the reasons of internships."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Labels

LABELS = Labels(
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
    # Each sentence may use %(who)s and the entry's own parameters.
    history={
        "internship.create": _l("A seat was opened."),
        "internship.match": _l("%(who)s was matched; the agreement was written."),
        "internship.signed": _l("%(who)s accepted the agreement by name."),
        "internship.start": _l("%(who)s started the work."),
        "internship.unmatch": _l("The match was ended; the seat is free again."),
        "internship.submit": _l("%(who)s submitted the work."),
        "internship.recall": _l("%(who)s took the submission back."),
        "internship.request_changes": _l("%(who)s asked for changes."),
        "internship.review": _l("%(who)s reviewed the work and fixed the amount."),
        "internship.approve_by_silence": _l(
            "Nobody reviewed in time, so the work was approved with the full base."
        ),
        "internship.extend_review": _l("%(who)s took more time for the review."),
        "internship.result_accepted": _l("%(who)s accepted the result."),
        "internship.settle": _l("The payment is complete."),
        "internship.cancel": _l("The seat was cancelled."),
        "internship.freeze": _l("A dispute was opened; everything stands still."),
        "internship.unfreeze": _l("The dispute is over; everything goes on."),
        "internship.conclude": _l("The dispute was concluded."),
        "internship.end_early": _l("The internship ended early."),
        "internship.abandon": _l("%(who)s ended the internship because nothing was heard for too long."),
        "internship.funding_begun": _l("The payment was begun."),
        "internship.secured": _l("The money is secured."),
        "internship.refunded": _l("The money goes back to the payer."),
        "internship.remainder_returned": _l("What the result did not use goes back to the payer."),
    },
    # Why one ended.
    reasons={
        "seat_cancelled": _l("The seat was cancelled."),
        "unfilled": _l("The seat stayed free until its time was over."),
        "sign": _l("Not both sides accepted the agreement in time."),
        "pay": _l("The payment was not begun in time."),
        "secure": _l("The money did not arrive in time."),
        "start": _l("The work was not started in time."),
    },
    barriers={
        "internship": {
            "posted": {"": _l("A match is undone only by its own clocks, or by both sides together.")},
            "matched": {"": _l("A seat is matched when an applicant accepts the offer of it.")},
            "in_progress": {
                "": _l("The work begins when the intern starts it."),
                "submitted": _l("Only the employer's reviewers send work back."),
            },
            "submitted": {"": _l("Only the intern hands the work in.")},
            "reviewed": {
                "": _l("Only work that was handed in is reviewed."),
                "submitted": _l("Only the employer's reviewers judge the work, never the one who did it."),
            },
            "paid": {"": _l("It is paid by itself, once finance has released the money and it was sent.")},
        }
    },
)
