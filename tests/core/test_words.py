"""Searching: capitals and marks do not count, and signs with a meaning for the database have none for people."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import literal, select

from webapp.core.database.base import db
from webapp.core.database.words import holds


@pytest.mark.parametrize(
    ("text", "asked", "found"),
    [
        ("Nguyễn Thị Hương", "nguyen", True),
        ("Nguyen Thi Huong", "NGUYỄN", True),
        ("Đặng Văn Lâm", "dang van", True),
        ("100% sure", "0% s", True),
        ("1000 sure", "0% s", False),
        ("a_b", "a_b", True),
        ("acb", "a_b", False),
        ("C:\\maps", "\\m", True),
        ("anything", "", True),
    ],
)
def test_words_are_found_as_people_mean_them(app: Flask, text: str, asked: str, found: bool) -> None:
    with app.app_context():
        assert db.session.scalar(select(holds(literal(text), asked))) is found
        db.session.rollback()
