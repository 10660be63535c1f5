"""Fifty browsers hammer one card of a running installation, some hundred rounds long."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.soak.installation import Installation
from tests.tasks.hammering import hammer
from webapp.core.database.base import db

CLIENTS, FREE = 50, 20


def main(rounds: int) -> int:
    """Print how the rounds went and how long answers took; returns how much was wrong."""
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Path(folder).resolve())
        installation.start()
        try:
            installation.find_database()
            app = installation.app()
            together, alone = hammer(
                app,
                installation.base,
                clients=CLIENTS,
                rounds=rounds,
                free=FREE,
                tell=lambda said: print(said, flush=True),
            )
            with app.app_context():
                db.engine.dispose()
        except BaseException:
            print((installation.state_dir / "soak.log").read_text()[-4000:], flush=True)
            raise
        finally:
            installation.stop()
    print(f"hammer, {rounds} rounds of {CLIENTS} clients: {together}")
    print(f"hammer, {CLIENTS} clients who wait for nobody: {alone}")
    return len(together.wrong) + len(alone.wrong)
