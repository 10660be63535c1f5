"""The one list of features, bottom to top: calls go down only."""

from __future__ import annotations

from webapp.accounts.slice import SLICE as ACCOUNTS
from webapp.applications.slice import SLICE as APPLICATIONS
from webapp.calendars.slice import SLICE as CALENDARS
from webapp.dashboards.slice import SLICE as DASHBOARDS
from webapp.endings.slice import SLICE as ENDINGS
from webapp.fundings.slice import SLICE as FUNDINGS
from webapp.internships.slice import SLICE as INTERNSHIPS
from webapp.ledger.slice import SLICE as LEDGER
from webapp.next_steps.slice import SLICE as NEXT_STEPS
from webapp.notifications.slice import SLICE as NOTIFICATIONS
from webapp.organisations.slice import SLICE as ORGANISATIONS
from webapp.payouts.slice import SLICE as PAYOUTS
from webapp.postings.slice import SLICE as POSTINGS
from webapp.recipients.slice import SLICE as RECIPIENTS
from webapp.reviews.slice import SLICE as REVIEWS
from webapp.skills.slice import SLICE as SKILLS
from webapp.stripe.slice import SLICE as STRIPE
from webapp.submissions.slice import SLICE as SUBMISSIONS
from webapp.tasks.slice import SLICE as TASKS

SLICES = (
    ACCOUNTS,
    LEDGER,
    NOTIFICATIONS,
    ORGANISATIONS,
    SKILLS,
    INTERNSHIPS,
    POSTINGS,
    STRIPE,
    FUNDINGS,
    RECIPIENTS,
    PAYOUTS,
    TASKS,
    APPLICATIONS,
    SUBMISSIONS,
    REVIEWS,
    ENDINGS,
    NEXT_STEPS,
    DASHBOARDS,
    CALENDARS,
)
