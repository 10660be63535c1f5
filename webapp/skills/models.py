"""The list of skills that postings ask for and people have."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.database.base import Base, Identified


class Skill(Identified, Base):
    """One skill, named in each language of the app."""

    __tablename__ = "skill"
    slug: Mapped[str] = mapped_column(unique=True)
    name_en: Mapped[str]
    name_vi: Mapped[str]

    def name(self, locale: str) -> str:
        return self.name_vi if locale == "vi" else self.name_en
