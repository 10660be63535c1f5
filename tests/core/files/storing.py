"""How the tests put a file into storage, and look for it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from webapp.core.files import blobs
from webapp.core.files.blobs import FileRefused


def store(content: bytes, name: str, **limits: int) -> blobs.Blob:
    return blobs.store(io.BytesIO(content), name, **limits)


def refused(content: bytes, name: str, **limits: int) -> str:
    with pytest.raises(FileRefused) as caught:
        store(content, name, **limits)
    assert caught.value.status == 422
    assert len(str(caught.value.sentence)) > 15
    return caught.value.code


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
