"""What is told about people, postings and the work itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

Words = Mapping[str, tuple[Any, Any]]

ORGANISATIONS: Words = {
    "role_given": (
        _l("You are now part of %(organisation)s"),
        _l("%(by)s gave you a role at %(organisation)s. Its page shows what you can do there."),
    ),
    "role_changed": (
        _l("Your role at %(organisation)s changed"),
        _l("%(by)s changed your role at %(organisation)s, and with it what you can do there."),
    ),
    "role_ended": (
        _l("You left a role at %(organisation)s"),
        _l("%(by)s ended your role at %(organisation)s."),
    ),
    "member_joined": (
        _l("%(name)s joined %(organisation)s"),
        _l("%(name)s accepted the invitation to %(organisation)s."),
    ),
}
POSTINGS: Words = {
    "posting_proposed": (
        _l("“%(title)s” is waiting for your approval"),
        _l("%(employer)s asks the programme to approve “%(title)s”. Please answer by %(until)s."),
    ),
    "posting_waits": (
        _l("“%(title)s” is still waiting for your approval"),
        _l("No one has answered %(employer)s yet. On %(until)s the posting goes back to them automatically."),
    ),
    "posting_approved": (
        _l("“%(title)s” is open"),
        _l("The programme approved “%(title)s”. It takes applications until %(until)s."),
    ),
    "posting_sent_back": (
        _l("“%(title)s” needs changes"),
        _l("The programme sent “%(title)s” back to you as a draft: %(reason)s"),
    ),
    "posting_unanswered": (
        _l("“%(title)s” is a draft again"),
        _l(
            "The programme did not answer in time, so “%(title)s” came back to you. You can ask for approval again."
        ),
    ),
    "posting_closes_soon": (
        _l("“%(title)s” closes soon"),
        _l("“%(title)s” takes applications until %(until)s. You can keep it open longer."),
    ),
    "posting_closed": (
        _l("“%(title)s” is closed for new applications"),
        _l("“%(title)s” was open for its full time. Please answer those who applied."),
    ),
}
APPLICATIONS: Words = {
    "application_sent": (
        _l("A new application for “%(title)s”"),
        _l("Someone applied for “%(title)s”. Read the application and answer it before it expires."),
    ),
    "application_withdrawn": (
        _l("An application for “%(title)s” was withdrawn"),
        _l("An applicant withdrew the application for “%(title)s”. You don't need to do anything."),
    ),
    "application_waits": (
        _l("An applicant for “%(title)s” is waiting for your answer"),
        _l("Please answer this application for “%(title)s”. Otherwise it expires on %(until)s."),
    ),
    "application_expired_unanswered": (
        _l("An application for “%(title)s” expired without your answer"),
        _l(
            "An application for “%(title)s” was not answered in time, so it expired and the applicant was told."
        ),
    ),
    "application_shortlisted": (
        _l("You are on the shortlist for “%(title)s”"),
        _l("The employer put you on the shortlist for “%(title)s”. The answer is due by %(until)s."),
    ),
    "application_offered": (
        _l("You are offered a seat: “%(title)s”"),
        _l("Read the offer for “%(title)s” and accept or decline it. Otherwise it lapses on %(until)s."),
    ),
    "application_lapses_soon": (
        _l("The offer for “%(title)s” lapses soon"),
        _l("Your offer for “%(title)s” lapses on %(until)s. Accept or decline it before then."),
    ),
    "application_lapsed": (
        _l("The offer for “%(title)s” has lapsed"),
        _l(
            "Your offer for “%(title)s” got no answer in time, so the seat is free again. You can offer it again."
        ),
    ),
    "application_offer_lapsed": (
        _l("%(name)s did not answer the offer for “%(title)s”"),
        _l(
            "The offer to %(name)s lapsed without an answer. The seat is free: offer it to the next person on your list."
        ),
    ),
    "application_declined": (
        _l("%(name)s declined the offer for “%(title)s”"),
        _l("%(name)s declined the offer. The seat is free: offer it to the next person on your list."),
    ),
    "application_accepted": (
        _l("%(name)s accepted the offer for “%(title)s”"),
        _l("%(name)s accepted the offer for “%(title)s”. Next, both of you accept the agreement by name."),
    ),
    "application_rejected": (
        _l("%(employer)s answered your application for “%(title)s”"),
        _l("You were not chosen for “%(title)s”. The reason is on the page of your application."),
    ),
    "application_expired": (
        _l("Your application for “%(title)s” expired"),
        _l(
            "The employer did not answer your application for “%(title)s” in time. You don't have to wait any longer."
        ),
    ),
    "application_released": (
        _l("Your match for “%(title)s” is over"),
        _l(
            "The match for “%(title)s” ended before the work started. The reason is on the page of your application."
        ),
    ),
}
INTERNSHIPS: Words = {
    "agreement_written": (
        _l("The agreement for “%(title)s” is ready"),
        _l(
            "Read the agreement and accept it by name. Both sides have %(days)s days, otherwise the match ends."
        ),
    ),
    "agreement_signed_by_intern": (
        _l("The intern accepted the agreement for “%(title)s”"),
        _l("The intern accepted the agreement. Now the employer reads it and accepts it by name."),
    ),
    "agreement_signed_by_employer": (
        _l("The employer accepted the agreement for “%(title)s”"),
        _l("The employer accepted the agreement. Now the intern reads it and accepts it by name."),
    ),
    "agreement_in_force": (
        _l("The agreement for “%(title)s” is in force"),
        _l(
            "Both sides accepted the agreement. Next, the employer pays the money in; then the work can start."
        ),
    ),
}
TASKS: Words = {
    "task_mention": (
        _l("%(name)s mentioned you: %(task)s"),
        _l("%(name)s mentioned you in a comment on “%(task)s”. Read it and answer there."),
    ),
    "task_blocked": (
        _l("%(name)s is waiting for you: %(task)s"),
        _l("%(name)s can't continue with “%(task)s” without you. Please answer by %(until)s."),
    ),
}
SUBMISSIONS: Words = {
    "work_submitted": (
        _l("%(name)s handed in the work for %(title)s"),
        _l(
            "%(name)s handed in version %(number)s of the work for “%(title)s”. Please review it by "
            "%(until)s; otherwise it is approved with the full base."
        ),
    ),
    "work_recalled": (
        _l("%(name)s withdrew the work for %(title)s"),
        _l("%(name)s withdrew version %(number)s of the work for “%(title)s” to hand it in again."),
    ),
}
REVIEWS: Words = {
    "changes_requested": (
        _l("Changes requested: %(title)s"),
        _l("%(name)s asked for changes to your work for “%(title)s”. Hand in the new version by %(until)s."),
    ),
    "result_ready": (
        _l("Your result is here: %(title)s"),
        _l("%(name)s reviewed your work for “%(title)s”. You are paid %(amount)s."),
    ),
    "approved_by_silence": (
        _l("Your work was approved: %(title)s"),
        _l("No one reviewed your work for “%(title)s” in time, so you are paid the full base of %(amount)s."),
    ),
    "silence_approved": (
        _l("The time for a review ended: %(title)s"),
        _l(
            "No one reviewed the work for “%(title)s” in time, so it was approved with the full base of %(amount)s."
        ),
    ),
    "review_waits": (
        _l("A review is waiting: %(title)s"),
        _l("The work for “%(title)s” is not reviewed yet. Without a review it is approved on %(until)s."),
    ),
}
ENDINGS: Words = {
    "match_undone": (
        _l("The match for “%(title)s” has ended"),
        _l("The match with %(name)s ended because a deadline was missed. The seat is free again."),
    ),
    "seat_unfilled": (
        _l("A seat of “%(title)s” was closed"),
        _l("A seat of “%(title)s” was not filled in time, so it was cancelled. You owe nothing for it."),
    ),
    "ended_early": (
        _l("The internship “%(title)s” ended early"),
        _l(
            "Nothing was handed in for a long time after the agreed end, so “%(title)s” ended. The award is %(award)s."
        ),
    ),
}
