"""The WSGI entry: `gunicorn wsgi:app`, `flask --app wsgi …`."""

import gc

gc.disable()  # what is loaded here stays: to look for garbage meanwhile would take a seventh of the start

from webapp.app import create_app  # noqa: E402
from webapp.cli import init_cli  # noqa: E402

app = create_app()
init_cli(app)
gc.enable()
