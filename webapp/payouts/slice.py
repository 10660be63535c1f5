"""What the app and the worker need to know of payouts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import JobHandler, MenuEntry, Slice
from webapp.fundings.actions.receipts import REFUND_DUE
from webapp.payouts import routes
from webapp.payouts.actions import approval as payout_approval
from webapp.payouts.actions import destinations as payout_destinations
from webapp.payouts.actions import returns as payout_returns
from webapp.payouts.guards import GUARDS
from webapp.payouts.jobs import recovery as payout_recovery
from webapp.payouts.jobs import stripe_sync as payout_stripe_sync
from webapp.payouts.jobs import transfers as payout_transfers
from webapp.payouts.labels import LABELS
from webapp.payouts.models import SEND_ATTEMPT
from webapp.payouts.notices import NOTICES
from webapp.payouts.queries import board as payout_board
from webapp.payouts.queries import earnings as payout_earnings
from webapp.recipients.actions import CHANGED, UPDATED
from webapp.recipients.queries import RAILS_IN_USE

SLICE = Slice(
    "payouts",
    blueprints=(routes.bp,),
    guards={"payout": GUARDS},
    labels=LABELS,
    notices=NOTICES,
    on_expiry={
        ("internship", "return_remainder"): payout_returns.return_remainder_by_time,
        ("payout", "payout_due"): payout_approval.remind_due,
        ("payout", "payout_approved"): payout_approval.remind_due,
        ("payout", "payout_sending"): payout_approval.remind_due,
        ("payout", "unhold"): payout_approval.unhold_by_time,
        ("payout", "unblock"): payout_approval.unblock_by_time,
    },
    on_reminder={("payout", "unblock"): payout_approval.remind_blocked},
    jobs={
        SEND_ATTEMPT: JobHandler(payout_transfers.send_attempt, own_transactions=True),
        "recover_money": JobHandler(payout_recovery.recover, own_transactions=True, cron="* * * * * */10"),
    },
    events={
        "tr": payout_stripe_sync.read_transfer,
        "re": payout_stripe_sync.read_refund,
        "pyr": payout_stripe_sync.read_refund,
    },
    hears={
        REFUND_DUE: payout_returns.fall_due_to_payer,
        CHANGED: payout_destinations.hold_changed,
        UPDATED: payout_destinations.follow_account,
        RAILS_IN_USE: payout_earnings.rails_in_use,
    },
    feeds=payout_board.FEEDS,
    menu={
        "intern": (MenuEntry(_l("Earnings"), "payouts.earnings", order=40),),
        "finance": (MenuEntry(_l("Payments"), "payouts.queue", order=10),),
        "operator": (MenuEntry(_l("Payments"), "payouts.queue", order=30),),
    },
)
