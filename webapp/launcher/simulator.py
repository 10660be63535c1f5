"""`make run` without a Stripe account: a Stripe simulator next to the app. Standard library only."""

from __future__ import annotations

import hashlib
import hmac
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from webapp.launcher.supervisor import Child

OFFSET = 10_000
SECRETS = ("STRIPE_WEBHOOK_SECRET", "STRIPE_CONNECT_WEBHOOK_SECRET", "STRIPE_THIN_WEBHOOK_SECRET")


def is_needed(environment: Mapping[str, str]) -> bool:
    """Only where nobody named a Stripe account, and never in production."""
    return environment["STINT_ENV"] != "production" and not environment.get("STRIPE_SECRET_KEY")


def listen(port: int) -> socket.socket:
    """Its socket outlives a killed process, as the web's does: ten thousand ports further, or wherever one is free."""
    preferred = port + OFFSET if port + OFFSET < 65536 else port - OFFSET
    for choice in (preferred, 0):
        try:
            return socket.create_server(("127.0.0.1", choice), backlog=128)
        except OSError:
            continue
    raise OSError("no port is free for the Stripe simulator")


def settings(environment: Mapping[str, str], listener: socket.socket) -> dict[str, str]:
    """What the app and the simulator need to know of each other; the keys follow from the app's own."""

    def derived(name: str) -> str:
        return hmac.digest(environment["SECRET_KEY"].encode(), name.encode(), hashlib.sha256).hex()[:32]

    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    return {
        "STRIPE_SECRET_KEY": f"sk_test_simulator{derived('simulator')}",
        "STRIPE_API_BASE": base,
        **{name: f"whsec_{derived(name)}" for name in SECRETS},
        "STRIPE_SIMULATOR_URL": base,
        "STRIPE_SIMULATOR_WEBHOOKS": f"http://127.0.0.1:{environment['PORT']}",
        "STRIPE_SIMULATOR_DATABASE_URL": environment.get("DATABASE_OWNER_URL") or environment["DATABASE_URL"],
        # The app talks to it directly, whatever proxy the machine has.
        **{name: with_loopback(os.environ.get(name, "")) for name in ("NO_PROXY", "no_proxy")},
    }


def with_loopback(exempt: str) -> str:
    return ",".join(dict.fromkeys([*filter(None, exempt.split(",")), "127.0.0.1", "localhost"]))


def child(python: Path, listener: socket.socket, environment: Mapping[str, str]) -> Child:
    """The process of the simulator: one worker, which also sends its webhooks."""
    bound = listener.fileno()
    command = [str(python), "-m", "gunicorn", "--bind", f"fd://{bound}", "--workers", "1", "--threads", "16",
               "--worker-class", "gthread", "--no-control-socket", "--graceful-timeout", "2", "--timeout", "150",
               "--log-level", "warning", "webapp.stripe_simulator.server:from_environment()"]  # fmt: skip
    return Child("Stripe simulator", command, environment, keep=[bound])
