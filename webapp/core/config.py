"""Every setting of an installation, as one typed object read from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app

LIVE_KEYS = ("sk_live_", "rk_live_")
TEST_KEYS = ("sk_test_", "rk_test_")
HOSTED_BY_STRIPE = ("https://checkout.stripe.com", "https://connect.stripe.com")


class UnsafeSetting(SystemExit):
    """A setting with which the program refuses to start; the message is the sentence for the operator."""


def _setting(variable: str, meaning: str, default: str) -> str:
    return field(default=default, metadata={"variable": variable, "meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """All settings. The README's table is made of the same metadata (a test keeps them in step)."""

    environment: str = _setting("STINT_ENV", "development, test or production", "development")
    demo: str = _setting("DEMO", "1 plants the demo world and shows its sign-ins; refused in production", "0")
    database_url: str = _setting("DATABASE_URL", "PostgreSQL 15 or newer, as the role that owns nothing", "")
    database_owner_url: str = _setting(
        "DATABASE_OWNER_URL", "the same database as the role that migrates", ""
    )
    state_dir: str = _setting("STATE_DIR", "folder for files, the development key and demo.json", "instance")
    port: str = _setting("PORT", "port of the web server", "8000")
    base_url: str = _setting("BASE_URL", "address people use, for links in mails", "http://localhost:8000")
    secret_key: str = _setting("SECRET_KEY", "key of cookies and keyed hashes, 32 characters or more", "")
    smtp_url: str = _setting(
        "SMTP_URL", "smtp://user:password@host:port (smtps:// for TLS); empty catches mail in the app", ""
    )
    mail_from: str = _setting("MAIL_FROM", "sender of mails", "Stint <no-reply@localhost>")
    trusted_proxies: str = _setting("TRUSTED_PROXIES", "number of reverse proxies in front", "0")
    pool_size: str = _setting("DATABASE_POOL", "database connections a process may open", "24")
    stripe_secret_key: str = _setting(
        "STRIPE_SECRET_KEY", "key of the platform's Stripe account; empty switches the Stripe rail off", ""
    )
    stripe_webhook_secret: str = _setting(
        "STRIPE_WEBHOOK_SECRET", "signing secret of the destination /webhooks/stripe/platform", ""
    )
    stripe_connect_secret: str = _setting(
        "STRIPE_CONNECT_WEBHOOK_SECRET", "signing secret of the destination /webhooks/stripe/connected", ""
    )
    stripe_thin_secret: str = _setting(
        "STRIPE_THIN_WEBHOOK_SECRET", "signing secret of the destination /webhooks/stripe/thin", ""
    )
    stripe_api_base: str = _setting(
        "STRIPE_API_BASE", "address of a Stripe simulator; refused in production and with a live key", ""
    )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check all settings; raises UnsafeSetting with a sentence when one cannot be used."""
        values = {
            f.name: environ[f.metadata["variable"]].strip()
            for f in fields(cls)
            if environ.get(f.metadata["variable"], "").strip()
        }
        settings = cls(**values)
        settings._check()
        return settings

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def is_demo(self) -> bool:
        return self.demo == "1"

    @property
    def files(self) -> Path:
        """Folder of the content-addressed files."""
        return Path(self.state_dir).resolve() / "files"

    @property
    def has_stripe(self) -> bool:
        """Is the Stripe rail switched on?"""
        return bool(self.stripe_secret_key)

    @property
    def stripe_is_live(self) -> bool:
        """Does the key move real money?"""
        return self.stripe_secret_key.startswith(LIVE_KEYS)

    @property
    def stripe_origins(self) -> tuple[str, ...]:
        """Where Stripe's hosted pages are: what a form of ours may lead to, besides ourselves."""
        if not self.has_stripe:
            return ()
        return (self.stripe_api_base,) if self.stripe_api_base else HOSTED_BY_STRIPE

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc

    def _check(self) -> None:
        if self.environment not in ("development", "test", "production"):
            raise UnsafeSetting(
                f"STINT_ENV must be development, test or production, not {self.environment!r}."
            )
        if not self.database_url:
            raise UnsafeSetting(
                "DATABASE_URL is not set: name a PostgreSQL database, or start with `make run`."
            )
        for name in ("port", "trusted_proxies", "pool_size"):
            if not str(getattr(self, name)).isdecimal():
                raise UnsafeSetting(f"{_variable(name)} must be a whole number, not {getattr(self, name)!r}.")
        if urlsplit(self.base_url).scheme not in ("http", "https") or not self.host:
            raise UnsafeSetting(f"BASE_URL must be an http or https address, not {self.base_url!r}.")
        if not self.secret_key:
            raise UnsafeSetting(
                "SECRET_KEY is not set: give 32 random characters or more, or start with `make run`."
            )
        if self.has_stripe:
            self._check_stripe()
        if self.production:
            self._check_production()

    def _check_stripe(self) -> None:
        if not self.stripe_secret_key.startswith((*LIVE_KEYS, *TEST_KEYS)):
            raise UnsafeSetting(
                "STRIPE_SECRET_KEY must be a secret key of Stripe (sk_ or rk_, test or live)."
            )
        for name in ("stripe_webhook_secret", "stripe_connect_secret", "stripe_thin_secret"):
            # An empty secret would let anybody forge what Stripe says.
            if not str(getattr(self, name)):
                raise UnsafeSetting(
                    f"{_variable(name)} is not set: Stripe's word could be forged without it."
                )
        if self.stripe_api_base:
            parts = urlsplit(self.stripe_api_base)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query:
                raise UnsafeSetting(
                    "STRIPE_API_BASE must be an address without a path, like http://127.0.0.1:18000."
                )
            if self.production or self.stripe_is_live:
                raise UnsafeSetting(
                    "STRIPE_API_BASE names a Stripe simulator: it is refused in production and with a live key."
                )

    def _check_production(self) -> None:
        if self.is_demo:
            raise UnsafeSetting("DEMO=1 is refused in production: the demo's passwords are public.")
        if len(self.secret_key) < 32:
            raise UnsafeSetting("SECRET_KEY is too short for production: give 32 random characters or more.")
        if not self.base_url.startswith("https://"):
            raise UnsafeSetting("BASE_URL must start with https:// in production.")
        if not self.smtp_url:
            raise UnsafeSetting("SMTP_URL is not set: in production people must get their mails.")
        if not self.database_owner_url:
            raise UnsafeSetting(
                "DATABASE_OWNER_URL is not set: migrations need the role that owns the tables."
            )
        if urlsplit(self.database_url).username == urlsplit(self.database_owner_url).username:
            raise UnsafeSetting(
                "DATABASE_URL and DATABASE_OWNER_URL name the same role: the app must not own its tables."
            )


def current() -> Settings:
    """The settings of the running app."""
    settings: Settings = current_app.extensions["settings"]
    return settings


def stripe_is_on() -> bool:
    """Has this installation a Stripe account?"""
    return current().has_stripe


def _variable(name: str) -> str:
    return str(next(f.metadata["variable"] for f in fields(Settings) if f.name == name))


def settings_table() -> list[tuple[str, str, str]]:
    """(variable, default, meaning) of every setting, for the README."""
    return [(f.metadata["variable"], str(f.default), f.metadata["meaning"]) for f in fields(Settings)]


def driver_url(url: str) -> str:
    """The URL with our driver named, as SQLAlchemy wants it."""
    scheme, rest = url.split("://", 1)
    return f"postgresql+psycopg://{rest}" if scheme in ("postgresql", "postgres") else url
