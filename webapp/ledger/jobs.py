"""Background work on the books."""

from __future__ import annotations

import logging

from webapp.ledger.checks import check_books

log = logging.getLogger(__name__)


def watch_books() -> int:
    """Check the books and raise the alarm in the log for each finding; return how many there were."""
    findings = check_books()
    for finding in findings:
        log.critical("the books are wrong: %s on %s: %s", finding.check, finding.subject, finding.detail)
    return len(findings)
