"""Lists as files that a spreadsheet opens."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from flask.wrappers import Response

from webapp.core.files.blobs import content_disposition

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def csv_file(name: str, rows: Iterable[Sequence[str]]) -> Response:
    """Rows of text as CSV, with the mark by which spreadsheets know UTF-8; no cell is a formula to them."""
    text = StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow([f"'{cell}" if str(cell)[:1] in FORMULAS else cell for cell in row])
    response = Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = content_disposition(name)
    return response
