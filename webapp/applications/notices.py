"""What people are told about applications: a subject and a sentence by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Notices

NOTICES: Notices = {
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
            "You did not answer the offer for “%(title)s” in time, so the seat is free again. The employer may offer it to you again."
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
