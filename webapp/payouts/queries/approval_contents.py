"""What an approval of a payout is given to: to whom, how much, where it goes, and why that much."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from webapp.core.database.facts import fact
from webapp.core.lifecycle import history
from webapp.internships.models import Internship
from webapp.payouts.models import Payout
from webapp.recipients.queries import current_method, stripe_account

HASHED = ("payout", "payee", "payer", "amount", "currency", "destination", "calculation")
FIXING_MOVES = ("review", "approve_by_silence", "end_early", "abandon", "conclude")


def destination_of(payout: Payout) -> dict[str, Any] | None:
    """Where the money would go now; None while the intern has not said where."""
    if payout.rail == "stripe" and payout.payee_id is None:
        charges = [part.charge.charge for part in payout.parts if part.charge]
        return {"payer": payout.payer_id, "came_by": charges}
    if payout.rail == "stripe":
        account = stripe_account(payout.payee_id or 0)
        if account is None or not account.can_receive:
            return None
        return {"account": account.account, "country": account.country}
    if payout.payee_id is None:
        receipts = [receipt for part in payout.parts for receipt in part.funding.receipts]
        return {"payer": payout.payer_id, "came_by": [receipt.bank_reference for receipt in receipts]}
    method = current_method(payout.payee_id)
    if method is None:
        return None
    names = ("country", "bank_name", "account_holder", "account_number")
    return {"method": method.id, **{name: getattr(method, name) for name in names}}


def approval_hash(payout: Payout) -> str:
    """What an approval is given to, as one hash: who, how much, where to, and why that much."""
    contents = (
        payout.id,
        payout.payee_id,
        payout.payer_id,
        payout.amount,
        payout.currency,
        destination_of(payout),
        calculation_of(payout.internship),
    )
    text = json.dumps(dict(zip(HASHED, contents, strict=True)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def calculation_of(internship: Internship) -> dict[str, Any]:
    """Why the amount is what it is: the parameters of the move that fixed the result."""
    return fact("calculation", internship.id, lambda: calculations([internship.id])[internship.id])


def calculations(internship_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The same for many internships, by internship, read at once."""
    ids = list(internship_ids)
    params = history.last_params("internship", ids, FIXING_MOVES)
    return {number: params.get(number, {}) for number in ids}
