"""Where the simulator lives and which keys it knows; a live key anywhere ends the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

API_VERSION = "2026-10-28.endive"
LIVE_PREFIXES = ("sk_live_", "rk_live_")
# Pauses before the next try of a delivery, in seconds; the last one is repeated until three days are over.
RETRY_SECONDS = (1, 3, 10, 60, 300, 1800, 7200, 18_000, 36_000)
GIVE_UP_SECONDS = 3 * 24 * 3600
SECRET_VARIABLES = {
    "platform": "STRIPE_WEBHOOK_SECRET",
    "connected": "STRIPE_CONNECT_WEBHOOK_SECRET",
    "thin": "STRIPE_THIN_WEBHOOK_SECRET",
}


@dataclass(frozen=True)
class Config:
    """All that a simulator needs to know; `secrets` holds one signing secret a destination."""

    database_url: str
    public_url: str
    secret_key: str
    webhook_base: str
    secrets: dict[str, str]
    retry_seconds: tuple[int, ...] = field(default=RETRY_SECONDS)

    def __post_init__(self) -> None:
        values = [self.database_url, self.public_url, self.secret_key, self.webhook_base]
        refuse_live_keys([*values, *self.secrets.values()])
        if not self.secret_key.startswith("sk_test_"):
            raise SystemExit("The Stripe simulator accepts only a key that begins with sk_test_.")
        if set(self.secrets) != set(SECRET_VARIABLES) or not all(self.secrets.values()):
            raise SystemExit(
                "The Stripe simulator needs a signing secret for each of: " + ", ".join(SECRET_VARIABLES)
            )
        for address in (self.public_url, self.webhook_base):
            if urlsplit(address).scheme not in ("http", "https") or address.endswith("/"):
                raise SystemExit(f"“{address}” is not an http address without a slash at its end.")

    def destination_url(self, destination: str) -> str:
        return f"{self.webhook_base}/webhooks/stripe/{destination}"


def refuse_live_keys(values: list[str]) -> None:
    """The simulator never runs where a live key is to be found, not even in an unrelated variable."""
    if any(prefix in value for value in values for prefix in LIVE_PREFIXES):
        raise SystemExit("A live Stripe key is set here: the Stripe simulator does not start with one.")


def from_environment(environ: Mapping[str, str]) -> Config:
    """Read the settings; SystemExit with a sentence when one is missing or unsafe."""
    refuse_live_keys(list(environ.values()))

    def needed(name: str) -> str:
        if not environ.get(name):
            raise SystemExit(f"The Stripe simulator needs the setting {name}.")
        return environ[name]

    return Config(
        database_url=needed("STRIPE_SIMULATOR_DATABASE_URL"),
        public_url=needed("STRIPE_SIMULATOR_URL").rstrip("/"),
        secret_key=needed("STRIPE_SECRET_KEY"),
        webhook_base=needed("STRIPE_SIMULATOR_WEBHOOKS").rstrip("/"),
        secrets={destination: needed(name) for destination, name in SECRET_VARIABLES.items()},
    )
