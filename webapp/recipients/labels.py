"""The words for what Stripe asks a recipient for."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

# Its codes are paths, of which one part says what it is about.
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
