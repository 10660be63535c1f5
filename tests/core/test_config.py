"""A setting that cannot be used, or is unsafe in production, stops the start with a sentence."""

from __future__ import annotations

import pytest

from webapp.core.config import Settings, UnsafeSetting

SAFE = {
    "STINT_ENV": "production",
    "DATABASE_URL": "postgresql://stint_app@db.example/stint",
    "DATABASE_OWNER_URL": "postgresql://stint_owner@db.example/stint",
    "SECRET_KEY": "x" * 40,
    "BASE_URL": "https://stint.example",
    "SMTP_URL": "smtps://mail.example:465",
}


def test_a_safe_production_starts() -> None:
    settings = Settings.from_environment(SAFE)
    assert settings.production
    assert settings.host == "stint.example"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"STINT_ENV": "staging"}, "STINT_ENV must be"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"DATABASE_OWNER_URL": ""}, "DATABASE_OWNER_URL is not set"),
        ({"DATABASE_OWNER_URL": SAFE["DATABASE_URL"]}, "name the same role"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"BASE_URL": "http://stint.example"}, "must start with https://"),
        ({"BASE_URL": "stint.example"}, "BASE_URL must be"),
        ({"SMTP_URL": ""}, "SMTP_URL is not set"),
        ({"DEMO": "1"}, "DEMO=1 is refused"),
        ({"PORT": "eighty"}, "PORT must be a whole number"),
    ],
)
def test_an_unsafe_value_stops_the_start_with_a_sentence(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(UnsafeSetting) as stopped:
        Settings.from_environment({**SAFE, **change})
    assert sentence in str(stopped.value)
    assert str(stopped.value).endswith(".")
