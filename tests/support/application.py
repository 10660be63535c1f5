"""The application over a fresh database: called, served, with its worker; blank or in the demo world."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from tests.support import simulator
from tests.support.postgres import TestDatabase, TestServer, addresses, recreate
from tests.support.simulator import Simulator
from webapp.core.config import Settings

SECRET_KEY = "a key for tests only, of more than thirty-two characters"
DEMO_TEMPLATE = "template_demo"


@dataclass(frozen=True)
class Built:
    """An application with the folder and the listening socket that stay its own for the session."""

    app: Flask
    state_dir: Path
    listener: socket.socket
    stripe: socket.socket

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def dispose(self) -> None:
        """Give back every connection, so that the database can be dropped without killing them."""
        from webapp.core.database.base import db

        self.app.extensions["stream"].rest()
        with self.app.app_context():
            db.session.remove()
            patience = time.monotonic() + 5
            while db.engine.pool.checkedout() and time.monotonic() < patience:  # type: ignore[attr-defined]
                time.sleep(0.01)  # a request that outlives its browser
            db.engine.dispose()

    def close(self) -> None:
        """The session is over."""
        self.dispose()
        self.listener.close()
        self.stripe.close()


@dataclass(frozen=True)
class Served:
    """An application that answers over HTTP: for browsers and for tests that race."""

    url: str
    app: Flask


class Worker:
    """The background worker, run by hand: what is due is done when the test says so."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def run_due(self) -> None:
        """Do all due jobs and sweeps, in a thread: a browser test has an event loop of its own."""
        from webapp.worker import run_until_idle

        with ThreadPoolExecutor(1) as thread:
            thread.submit(run_until_idle, self.app).result()


def _settings(
    database: TestDatabase, state_dir: Path, port: int, stripe_port: int, *, demo: bool
) -> Settings:
    return Settings.from_environment(
        {
            "STINT_ENV": "test",
            "DEMO": "1" if demo else "0",
            "DATABASE_URL": database.app_url,
            "DATABASE_OWNER_URL": database.owner_url,
            "STATE_DIR": str(state_dir),
            "PORT": str(port),
            "BASE_URL": f"http://localhost:{port}",
            "SECRET_KEY": SECRET_KEY,
            "STRIPE_SECRET_KEY": simulator.KEY,
            "STRIPE_API_BASE": f"http://127.0.0.1:{stripe_port}",
            "STRIPE_WEBHOOK_SECRET": simulator.SECRETS["platform"],
            "STRIPE_CONNECT_WEBHOOK_SECRET": simulator.SECRETS["connected"],
            "STRIPE_THIN_WEBHOOK_SECRET": simulator.SECRETS["thin"],
        }
    )


def _build(database: TestDatabase, state_dir: Path, *, demo: bool) -> Built:
    from webapp.app import create_app
    from webapp.cli import init_cli

    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    # Reserved, and nobody listens there before a test asks for its simulator.
    stripe = socket.socket()
    stripe.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in (listener, stripe)]
    app = create_app(_settings(database, state_dir, *ports, demo=demo))
    init_cli(app)
    return Built(app, state_dir, listener, stripe)


@pytest.fixture(scope="session")
def _blank(
    worker_database: TestDatabase, tmp_path_factory: pytest.TempPathFactory, blank_template: str, _admin: Any
) -> Iterator[Built]:
    recreate(_admin, worker_database.name, blank_template)
    built = _build(worker_database, tmp_path_factory.mktemp("state"), demo=False)
    yield built
    built.close()


@pytest.fixture(scope="session")
def demo_template(test_server: TestServer, blank_template: str) -> tuple[str, Path]:
    """The demo world, planted once a session by the seeds themselves: the template and its files."""
    files = test_server.home / "demo-state"

    def plant(name: str) -> None:
        from webapp import seeds

        files.mkdir(exist_ok=True)
        database = addresses(test_server, name)
        built = _build(database, files, demo=True)
        built.stripe.listen(128)
        stripe = Simulator(database.owner_url, listener=built.stripe)
        try:
            with ThreadPoolExecutor(1) as thread:
                thread.submit(seeds.plant, built.app).result()
        finally:
            stripe.stop()
            built.close()

    return test_server.ensure_template(DEMO_TEMPLATE, blank_template, plant), files


@pytest.fixture(scope="session")
def _demo(
    demo_template: tuple[str, Path],
    test_server: TestServer,
    worker_id: str,
    tmp_path_factory: pytest.TempPathFactory,
    _admin: psycopg.Connection[tuple[object, ...]],
) -> Iterator[Built]:
    template, files = demo_template
    database = addresses(test_server, f"stint_{worker_id}_demo")
    recreate(_admin, database.name, template)
    state_dir = tmp_path_factory.mktemp("demo") / "state"
    shutil.copytree(files, state_dir)
    built = _build(database, state_dir, demo=True)
    yield built
    built.close()


@pytest.fixture
def app(_blank: Built, worker_database: TestDatabase, blank_template: str, _admin: Any) -> Iterator[Flask]:
    """The application over a fresh, migrated, empty database."""
    recreate(_admin, worker_database.name, blank_template)
    _blank.dispose()  # a request that outlived the test before may have opened a connection to its database
    for left in _blank.state_dir.rglob("*"):
        if left.is_file():
            left.unlink()
    yield _blank.app
    _blank.dispose()


@pytest.fixture(scope="session")
def _stripe_server(_blank: Built, worker_database: TestDatabase) -> Iterator[Simulator]:
    _blank.stripe.listen(128)
    server = Simulator(worker_database.owner_url, listener=_blank.stripe)
    yield server
    server.stop()


@pytest.fixture
def stripe(app: Flask, _stripe_server: Simulator, worker_database: TestDatabase) -> Iterator[Simulator]:
    """The Stripe simulator that `app` talks to, over the same fresh database.

    `stripe.deliver()` hands the webhooks that are due to the app. Whatever the test did, Stripe's own books add up.
    """
    _stripe_server.switch(worker_database.owner_url)
    yield _stripe_server
    wrong = _stripe_server.state()["wrong"]
    _stripe_server.let_go()
    assert not wrong, f"the books of the simulator disagree: {wrong}"


@pytest.fixture
def demo_database(test_server: TestServer, worker_id: str) -> TestDatabase:
    """The addresses of the database under `demo_app`."""
    return addresses(test_server, f"stint_{worker_id}_demo")


@pytest.fixture
def demo_app(
    _demo: Built, demo_database: TestDatabase, demo_template: tuple[str, Path], _admin: Any
) -> Iterator[Flask]:
    """The application over a fresh copy of the demo world."""
    recreate(_admin, demo_database.name, demo_template[0])
    _demo.dispose()
    yield _demo.app
    _demo.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody who is not signed in, before the blank application."""
    return app.test_client()


@pytest.fixture
def worker(request: pytest.FixtureRequest) -> Worker:
    """The worker of the application the test uses: `worker.run_due()`."""
    name = "demo_app" if {"demo_app", "live_demo"} & set(request.fixturenames) else "app"
    return Worker(request.getfixturevalue(name))


@pytest.fixture
def live_server(app: Flask, _blank: Built) -> Iterator[Served]:
    """The blank application on a port of this machine: `.url`."""
    with _serving(_blank) as served:
        yield served


@pytest.fixture
def live_demo(demo_app: Flask, _demo: Built) -> Iterator[Served]:
    """The demo world on a port of this machine: `.url`."""
    with _serving(_demo) as served:
        yield served


@contextlib.contextmanager
def _serving(built: Built) -> Iterator[Served]:
    server = make_server("127.0.0.1", built.port, built.app, threaded=True, fd=built.listener.fileno())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Served(f"http://localhost:{built.port}", built.app)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
