"""Who decides on a version of the work. What a decision must say is checked with the form it comes from."""

from __future__ import annotations

from webapp.core.lifecycle.guards import Guard, Guards
from webapp.core.lifecycle.history import SYSTEM
from webapp.reviews import policy

GUARDS: Guards = {
    "accept": Guard(lambda actor, submission: actor is SYSTEM or policy.may_review(actor, submission)),
    "accept_partly": Guard(policy.may_review),
    "request_changes": Guard(policy.may_review),
    "reject": Guard(policy.may_review),
}
