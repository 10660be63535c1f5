"""An employer with its people, a programme with its manager, and a draft: what tests of postings begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.support import people as cast
from tests.support.signed_in import Browser
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.organisations.models import ProgrammeSettings
from webapp.postings.models import Posting
from webapp.skills.models import Skill


@dataclass
class World:
    """Ids only: each test reads what it needs in its own transaction."""

    employer: int
    programme: int
    owner: int
    reviewer: int
    manager: int
    intern: int
    stranger: int
    posting: int
    skills: list[int]


Work = Callable[[], AbstractContextManager[None]]
Read = Callable[[int], dict[str, Any]]
Change = Callable[..., None]


@pytest.fixture
def work(app: Flask) -> Work:
    """A transaction of its own: `with work(): …`."""

    @contextmanager
    def begin() -> Iterator[None]:
        with app.test_request_context(), unit_of_work():
            yield

    return begin


@pytest.fixture
def world(work: Work) -> World:
    """A complete draft of an employer, ready to be published."""
    with work():
        employer, programme = cast.organisation(name="Chợ Lớn Foods"), cast.programme()
        owner = cast.member(employer, "owner", "Linh Trần")
        skills = [Skill(slug=f"skill-{n}", name_en=f"Skill {n}", name_vi=f"Kỹ năng {n}") for n in range(12)]
        db.session.add_all(skills)
        posting = cast.posting(employer, programme, state="draft", by=owner, seats=2)
        posting.skills = skills[:2]
        db.session.flush()
        return World(
            employer=employer.id,
            programme=programme.id,
            owner=owner.id,
            reviewer=cast.member(employer, "reviewer").id,
            manager=cast.member(programme, "manager").id,
            intern=cast.intern().id,
            stranger=cast.member(cast.organisation(), "owner").id,
            posting=posting.id,
            skills=[skill.id for skill in skills],
        )


@pytest.fixture
def read(work: Work) -> Read:
    """All that is stored of a posting, as plain values."""

    def values(posting_id: int) -> dict[str, Any]:
        with work():
            posting = db.session.get_one(Posting, posting_id)
            stored = {column.key: getattr(posting, column.key) for column in Posting.__table__.columns}
            stored["deliverables"] = [(d.title, d.detail) for d in posting.deliverables]
            stored["criteria"] = [(c.title, c.weight_bp, c.levels) for c in posting.criteria]
            stored["questions"] = [question.text for question in posting.questions]
            stored["skills"] = [skill.id for skill in posting.skills]
            return stored

    return values


def day(days: int) -> str:
    """A day so many days from now, as browsers send it."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def demand_approval(programme_id: int) -> None:
    """The programme wishes to see every posting."""
    db.session.get_one(ProgrammeSettings, programme_id).approval_needed = True


@pytest.fixture
def owner(app: Flask, world: World) -> Browser:
    return cast.signed_in(app, world.owner)


@pytest.fixture
def change(work: Work, world: World) -> Change:
    """Call one action on the world's posting as one of its people, with the version they see."""

    def call(action: Callable[..., Any], who: int | None = None, **kwargs: Any) -> None:
        with work():
            posting = db.session.get_one(Posting, world.posting)
            if who is not None:
                kwargs = {"actor": db.session.get_one(Person, who), "version": posting.version, **kwargs}
            action(posting, **kwargs)

    return call
