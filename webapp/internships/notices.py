"""What people are told about internships: a subject and a sentence by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Notices

NOTICES: Notices = {
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
