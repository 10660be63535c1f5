"""What the app and the worker need to know of stripe."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import JobHandler, MenuEntry, Slice
from webapp.stripe import actions, jobs, policy, routes, webhooks
from webapp.stripe.models import HANDLE_EVENT

SLICE = Slice(
    "stripe",
    blueprints=(routes.bp,),
    webhooks=(webhooks.bp,),
    jobs={
        HANDLE_EVENT: JobHandler(jobs.handle, own_transactions=True),
        "poll_stripe_events": JobHandler(jobs.poll, own_transactions=True, cron="* * * * * 30"),
    },
    menu={"operator": (MenuEntry(_l("Stripe"), "stripe.connection", order=40),)},
    limits=(policy.REFUSALS, policy.REFUSALS_OF_ALL),
    prune=(actions.prune,),
)
