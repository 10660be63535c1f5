"""The list of skills, as forms and pages need it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from webapp.core.database.base import db
from webapp.skills.models import Skill


def all_skills() -> list[Skill]:
    """Every skill, by its English name."""
    return list(db.session.scalars(select(Skill).order_by(Skill.name_en)))


def choices(locale: str) -> list[tuple[str, str]]:
    """(id as text, name) of every skill, in the reader's language and its order."""
    named = [(str(skill.id), skill.name(locale)) for skill in all_skills()]
    return sorted(named, key=lambda pair: pair[1].casefold())


def by_ids(ids: Iterable[int]) -> list[Skill]:
    """The skills with these ids; unknown ids are left out."""
    known_ids = list(ids)
    return (
        list(db.session.scalars(select(Skill).where(Skill.id.in_(known_ids)).order_by(Skill.name_en)))
        if known_ids
        else []
    )


def by_slugs(slugs: Iterable[str]) -> list[Skill]:
    """The skills with these slugs; unknown slugs are left out."""
    known_slugs = list(slugs)
    return (
        list(db.session.scalars(select(Skill).where(Skill.slug.in_(known_slugs)).order_by(Skill.name_en)))
        if known_slugs
        else []
    )
