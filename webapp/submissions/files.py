"""The files of a pack: how many it holds, and the hash of all that is handed in."""

from __future__ import annotations

import hashlib
import json

from flask_babel import gettext as _

from webapp.core.errors import Invalid
from webapp.submissions.models import Submission

MOST_FILES = 20


def check_count(count: int) -> None:
    """Refuse a pack with more files than a reviewer can be asked to open."""
    if count > MOST_FILES:
        raise Invalid(_("A version holds at most %(most)s files.", most=MOST_FILES), field="files")


def sha256(submission: Submission) -> str:
    """The hash of what is handed in: note, links, and each file's name, hash and size."""
    pack = {
        "note": submission.note,
        "links": submission.links,
        "files": [[file.filename, file.sha256, file.size] for file in submission.files],
    }
    return hashlib.sha256(
        json.dumps(pack, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()
