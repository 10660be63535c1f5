"""What gunicorn is told of us (`--config python:webapp.core.live.gunicorn_worker`)."""

from __future__ import annotations

from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from webapp.core.live.connections import HandedOver

worker_class = "webapp.core.live.gunicorn_worker.Worker"


class Worker(ThreadWorker):  # type: ignore[misc]
    """A worker that lets go of the socket of a live stream: its thread is free again, and the broker sends on."""

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer; a stream that was handed over is over for the server."""
        try:
            return super().handle_request(req, conn)
        except HandedOver:
            conn.handed_over = True
            return False

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Let go of what was handed over: only this end is closed, no farewell is said on the wire."""
        if getattr(conn, "handed_over", False):
            self.nr_conns -= 1
            conn.sock.close()
        else:
            super().finish_request(conn, fs)


def post_worker_init(worker: Any) -> None:
    """A worker that shall stop must not wait for streams that would stay open for ever: its broker sends them away."""
    broker = worker.wsgi.extensions["stream"]
    broker.alive = lambda: bool(worker.alive)
    broker.takes_sockets = isinstance(worker, Worker)
    broker.most_threads = max(1, worker.cfg.threads // 2)


def worker_exit(server: Any, worker: Any) -> None:
    """All who still listen are told to connect again."""
    app = getattr(worker, "wsgi", None)  # none where the worker did not come up
    if app is not None:
        app.extensions["stream"].stop()
