"""The words for states, moves and reasons: history and notices hold codes, and this is where they are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core.audit import HistoryEntry

STATES: dict[str, dict[str, Any]] = {
    "posting": {
        "draft": _l("Draft"),
        "in_approval": _l("Waiting for approval"),
        "open": _l("Open"),
        "closing": _l("Closing"),
        "closed": _l("Closed"),
        "cancelled": _l("Cancelled"),
    },
    "application": {
        "draft": _l("Draft"),
        "applied": _l("Applied"),
        "shortlisted": _l("Shortlisted"),
        "offered": _l("Offered a seat"),
        "accepted": _l("Accepted"),
        "declined": _l("Declined by the intern"),
        "lapsed": _l("Offer lapsed"),
        "rejected": _l("Not chosen"),
        "withdrawn": _l("Withdrawn"),
        "expired": _l("Expired without an answer"),
        "released": _l("Released"),
    },
    "internship": {
        "posted": _l("Posted"),
        "matched": _l("Matched"),
        "in_progress": _l("In progress"),
        "submitted": _l("Submitted"),
        "reviewed": _l("Reviewed"),
        "paid": _l("Paid"),
        "cancelled": _l("Cancelled"),
    },
    "task": {"todo": _l("To do"), "doing": _l("Doing"), "blocked": _l("Blocked"), "done": _l("Done")},
    "submission": {
        "draft": _l("Draft"),
        "submitted": _l("Submitted"),
        "accepted": _l("Accepted"),
        "partly_accepted": _l("Accepted in part"),
        "changes_requested": _l("Changes requested"),
        "rejected": _l("Rejected"),
        "recalled": _l("Recalled"),
    },
    "funding": {
        "awaiting": _l("Waiting for the payment"),
        "processing": _l("On its way"),
        "secured": _l("Secured"),
        "settled": _l("Settled"),
        "void": _l("Void"),
        "failed": _l("Failed"),
        "refunded": _l("Refunded"),
        "charged_back": _l("Charged back"),
    },
    "payout": {
        "due": _l("Due"),
        "approved": _l("Approved"),
        "sending": _l("Sending"),
        "paid": _l("Paid"),
        "held": _l("On hold"),
        "blocked": _l("Blocked"),
        "cancelled": _l("Cancelled"),
        "reversed": _l("Reversed"),
    },
}

# Each sentence may use %(who)s and the entry's own parameters.
SENTENCES: dict[str, Any] = {
    "posting.create": _l("%(who)s started the posting."),
    "posting.publish": _l("%(who)s published the posting."),
    "posting.propose": _l("%(who)s asked the programme to approve the posting."),
    "posting.approve": _l("%(who)s approved the posting; it is open."),
    "posting.send_back": _l("%(who)s sent the posting back for changes."),
    "posting.close": _l("%(who)s closed the posting for new applications."),
    "posting.finish": _l("Every applicant has an answer; the posting is closed."),
    "posting.reopen": _l("%(who)s reopened the posting."),
    "posting.cancel": _l("%(who)s cancelled the posting."),
    "posting.renew": _l("%(who)s kept the posting open longer."),
    "application.create": _l("%(who)s started an application."),
    "application.send": _l("%(who)s applied."),
    "application.shortlist": _l("%(who)s put an applicant on the shortlist."),
    "application.unshortlist": _l("%(who)s took an applicant off the shortlist."),
    "application.offer": _l("%(who)s offered a seat."),
    "application.accept": _l("%(who)s accepted the offer."),
    "application.decline": _l("%(who)s declined the offer."),
    "application.lapse": _l("The offer lapsed without an answer."),
    "application.reject": _l("%(who)s turned down an application."),
    "application.withdraw": _l("%(who)s withdrew the application."),
    "application.undo_withdraw": _l("%(who)s undid the withdrawal."),
    "application.expire": _l("The application expired without an answer."),
    "application.release": _l("The applicant no longer has the seat."),
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
    "internship.limits": _l("%(who)s changed how many tasks a column should hold."),
    "task.create": _l("%(who)s added a task."),
    "task.start": _l("%(who)s started a task."),
    "task.finish": _l("%(who)s finished a task."),
    "task.block": _l("%(who)s marked a task as blocked."),
    "task.unblock": _l("%(who)s unblocked a task."),
    "task.reopen": _l("%(who)s reopened a task."),
    "task.put_back": _l("%(who)s moved a task back to To do."),
    "task.place": _l("%(who)s moved a task within its column."),
    "task.check_added": _l("%(who)s added a checklist item to a task."),
    "task.ticked": _l("%(who)s ticked a checklist item."),
    "task.unticked": _l("%(who)s unticked a checklist item."),
    "task.commented": _l("%(who)s commented on a task."),
    "task.file_added": _l("%(who)s added a file to a task."),
    "task.file_removed": _l("%(who)s removed a file from a task."),
    "task.edit": _l("%(who)s edited a task."),
    "submission.create": _l("%(who)s started a new version of the work."),
    "submission.submit": _l("%(who)s handed in a version of the work."),
    "submission.begin_review": _l("%(who)s started reviewing this version."),
    "submission.recall": _l("%(who)s withdrew a version of the work."),
    "submission.accept": _l("%(who)s accepted the work."),
    "submission.accept_partly": _l("%(who)s accepted the work in part."),
    "submission.request_changes": _l("%(who)s asked for changes to this version."),
    "submission.reject": _l("%(who)s rejected the work."),
    "funding.create": _l("The payer was asked to secure the money."),
    "funding.begin": _l("The payment was made; the money is on its way."),
    "funding.receipt": _l("%(who)s recorded money that arrived."),
    "funding.secure": _l("The money arrived and is secured."),
    "funding.fail": _l("The payment failed."),
    "funding.retry": _l("%(who)s restarted the payment."),
    "funding.cancel": _l("The request for payment was withdrawn."),
    "funding.settle": _l("All of the money was paid out or returned."),
    "funding.refund": _l("The money is being returned to the payer."),
    "funding.charge_back": _l("The payer took the money back through their bank."),
    "funding.win_back": _l("The money the payer took back was recovered."),
    "payout.fall_due": _l("A payment fell due."),
    "payout.approve": _l("%(who)s approved the payment."),
    "payout.release": _l("%(who)s released the payment."),
    "payout.confirm": _l("%(who)s confirmed that the money was sent."),
    "payout.fail": _l("The transfer failed; the payment is due again."),
    "payout.hold": _l("The payment was put on hold."),
    "payout.unhold": _l("The hold on the payment ended."),
    "payout.block": _l("The payment is blocked."),
    "payout.unblock": _l("The payment is no longer blocked."),
    "payout.cancel": _l("The payment was cancelled."),
    "payout.reverse": _l("The payment was reversed."),
    "payout.looked_again": _l("%(who)s asked Stripe again whether it has the payment."),
    "payout.pay_by_bank": _l("%(who)s decided that the payment goes by bank transfer, not by Stripe."),
    "payout.reminded": _l("The payment is late; the next person in charge was told."),
    "organisation.create": _l("%(who)s registered the organisation."),
    "organisation.invite": _l("%(who)s invited someone."),
    "organisation.join": _l("%(who)s joined."),
    "organisation.leave": _l("A membership ended."),
    "organisation.role": _l("%(who)s changed a role."),
    "organisation.settings": _l("%(who)s changed the settings."),
}

# Why an application, a seat, a posting or a match ended.
REASONS: dict[str, Any] = {
    "skills": _l("Other applicants' skills fit this brief better."),
    "experience": _l("Other applicants showed work that is closer to this brief."),
    "availability": _l("The dates or hours did not fit."),
    "incomplete": _l("The answers left too much open."),
    "seats_filled": _l("All seats are filled."),
    "other": _l("Another reason, in the employer's own words."),
    "not_needed": _l("The work is not needed any more."),
    "budget": _l("The budget has been used."),
    "no_fit": _l("There was no suitable applicant."),
    "posting_cancelled": _l("The posting was cancelled."),
    "seat_cancelled": _l("The seat was cancelled."),
    "unfilled": _l("The seat was not filled in time."),
    "sign": _l("The agreement was not accepted by both sides in time."),
    "pay": _l("The payment was not started in time."),
    "secure": _l("The money did not arrive in time."),
    "start": _l("The work was not started in time."),
}


# What Stripe asks a recipient for; its codes are paths, of which one part says what it is about.
REQUIREMENTS: tuple[tuple[str, Any], ...] = (
    ("date_of_birth", _l("Your date of birth")),
    ("given_name", _l("Your name, as shown on your documents")),
    ("surname", _l("Your name, as shown on your documents")),
    ("address", _l("Your address")),
    ("id_number", _l("The number of your identity card or tax number")),
    ("document", _l("A photo of your passport or identity card")),
    ("verification", _l("A photo of your passport or identity card")),
    ("terms_of_service", _l("Accept Stripe's terms of service")),
    ("outbound_destination", _l("The bank account or card that your money goes to")),
    ("external_account", _l("The bank account or card that your money goes to")),
    ("phone", _l("Your telephone number")),
    ("email", _l("Your email address")),
    ("business", _l("What you do for a living")),
    ("product_description", _l("What you do for a living")),
)


def requirement_label(code: str) -> str:
    """What Stripe still wants to know, in the reader's language."""
    known = next((words for part, words in REQUIREMENTS if part in code), None)
    return str(known) if known is not None else _("Stripe needs: %(code)s", code=code)


def reason_label(code: str) -> str:
    """The sentence for a reason, in the reader's language."""
    return str(REASONS[code])


def state_label(kind: str, state: str) -> str:
    """The word for a state, in the reader's language."""
    return str(STATES[kind][state])


def history_sentence(entry: HistoryEntry, name_of: Callable[[int], str]) -> str:
    """What happened, as a sentence; `name_of` gives the name this reader may see for a person's id."""
    who = name_of(entry.actor_id) if entry.actor_id is not None else _("Stint")
    sentence = (
        SENTENCES.get(f"{entry.subject_kind}.{entry.move}") or SENTENCES[f"{entry.root_kind}.{entry.move}"]
    )
    return str(sentence % {**entry.params, "who": who})
