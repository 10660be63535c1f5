"""Files are kept by what they hold, once, until nobody names them."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.core.files.conftest import Here
from tests.core.files.examples import GIF, GOOD, PDF, PNG
from tests.core.files.storing import on_disk, store
from webapp.core.errors import NotThere
from webapp.core.files import blobs
from webapp.core.files.file_types import FILE_TYPES


def test_there_is_a_good_example_of_each_accepted_kind() -> None:
    assert set(GOOD) == set(FILE_TYPES)


@pytest.mark.parametrize("ending", GOOD)
def test_a_good_file_is_stored_under_its_hash(folder: Path, ending: str) -> None:
    blob = store(GOOD[ending], f"Report.{ending.upper()}")
    digest = hashlib.sha256(GOOD[ending]).hexdigest()
    assert (blob.sha256, blob.size, blob.media_type) == (
        digest,
        len(GOOD[ending]),
        FILE_TYPES[ending].media_type,
    )
    assert on_disk(folder) == [folder / digest[:2] / digest[2:4] / digest]
    with blobs.open_blob(digest) as kept:
        assert kept.read() == GOOD[ending]


def test_the_same_content_is_stored_once(folder: Path) -> None:
    assert store(PDF, "one.pdf") == store(PDF, "two.pdf")
    assert len(on_disk(folder)) == 1


def test_twenty_who_hand_in_the_same_file_at_once_store_it_once(folder: Path) -> None:
    app = Flask("many")
    app.extensions["settings"] = Here(folder)
    start = threading.Barrier(20)
    stored: list[blobs.Blob] = []

    def hand_in() -> None:
        with app.app_context():
            start.wait()
            stored.append(store(PDF, "same.pdf"))

    threads = [threading.Thread(target=hand_in) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stored) == 20
    assert len(set(stored)) == len(on_disk(folder)) == 1


def test_what_is_not_there_is_not_found() -> None:
    for name in ("0" * 64, "", "../../etc/passwd", "0" * 63 + "\n", "G" * 64, "0" * 64 + "/.."):
        with pytest.raises(NotThere):
            blobs.open_blob(name)


def test_the_sweep_takes_only_what_is_old_and_named_by_nobody(folder: Path) -> None:
    named, orphan, young = store(PDF, "a.pdf"), store(PNG, "b.png"), store(GIF, "c.gif")
    left = folder / "incoming" / "tmpleft"
    left.write_bytes(b"half")
    for path in on_disk(folder):
        if path.name != young.sha256:
            os.utime(path, (0, time.time() - 2 * 86_400))
    assert blobs.sweep(lambda sha256: sha256 == named.sha256) == 2
    assert {path.name for path in on_disk(folder)} == {named.sha256, young.sha256}
    with pytest.raises(NotThere):
        blobs.open_blob(orphan.sha256)


def test_the_sweep_goes_on_when_a_file_has_gone_meanwhile(folder: Path) -> None:
    """As when an upload ends, or another server sweeps, between the listing of the folder and the look at the file."""
    shelf = folder / "aa" / "aa"
    shelf.mkdir(parents=True)
    names = ["aaaa" + digit * 60 for digit in "123"]
    for name in names:
        (shelf / name).write_bytes(b"old")
        os.utime(shelf / name, (0, 0))

    def is_named(sha256: str) -> bool:
        for other in set(names) - {sha256}:
            (shelf / other).unlink(missing_ok=True)
        return False

    assert blobs.sweep(is_named) == 1
    assert list(shelf.iterdir()) == []


def test_a_file_handed_in_again_is_young_again(folder: Path) -> None:
    blob = store(PDF, "a.pdf")
    for path in on_disk(folder):
        os.utime(path, (0, 0))
    store(PDF, "again.pdf")
    assert blobs.sweep(lambda _sha256: False) == 0
    assert blobs.sweep(lambda _sha256: False, older_than=timedelta(seconds=-60)) == 1
    with pytest.raises(NotThere):
        blobs.open_blob(blob.sha256)
