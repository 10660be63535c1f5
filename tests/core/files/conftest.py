"""A folder of its own for the files of each test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel


@dataclass
class Here:
    """The one setting that storage reads."""

    files: Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    app = Flask("storage")
    app.extensions["settings"] = Here(tmp_path / "files")
    Babel(app)
    with app.app_context():
        yield tmp_path / "files"
