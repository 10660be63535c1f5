"""What the app and the worker need to know of payouts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import JobHandler, MenuEntry, Slice
from webapp.fundings.actions.receipts import REFUND_DUE
from webapp.payouts import routes
from webapp.payouts.actions import approval, destinations, returns
from webapp.payouts.guards import GUARDS
from webapp.payouts.jobs import recovery, stripe_sync, transfers
from webapp.payouts.labels import LABELS
from webapp.payouts.models import SEND_ATTEMPT
from webapp.payouts.notices import NOTICES
from webapp.payouts.queries import board, queue
from webapp.recipients.actions import CHANGED, UPDATED
from webapp.recipients.queries import RAILS_IN_USE

SLICE = Slice(
    "payouts",
    blueprints=(routes.bp,),
    guards={"payout": GUARDS},
    labels=LABELS,
    notices=NOTICES,
    on_expiry={
        ("internship", "return_remainder"): returns.return_remainder_by_time,
        ("payout", "payout_due"): approval.remind_due,
        ("payout", "payout_approved"): approval.remind_due,
        ("payout", "payout_sending"): approval.remind_due,
        ("payout", "unhold"): approval.unhold_by_time,
        ("payout", "unblock"): approval.unblock_by_time,
    },
    on_reminder={("payout", "unblock"): approval.remind_blocked},
    jobs={
        SEND_ATTEMPT: JobHandler(transfers.send_attempt, own_transactions=True),
        "recover_money": JobHandler(recovery.recover, own_transactions=True, cron="* * * * * */10"),
    },
    events={"tr": stripe_sync.read_transfer, "re": stripe_sync.read_refund, "pyr": stripe_sync.read_refund},
    hears={
        REFUND_DUE: returns.fall_due_to_payer,
        CHANGED: destinations.hold_changed,
        UPDATED: destinations.follow_account,
        RAILS_IN_USE: queue.rails_in_use,
    },
    feeds=board.FEEDS,
    menu={
        "intern": (MenuEntry(_l("Earnings"), "payouts.earnings", order=40),),
        "finance": (MenuEntry(_l("Payments"), "payouts.queue", order=10),),
        "operator": (MenuEntry(_l("Payments"), "payouts.queue", order=30),),
    },
)
