"""The WSGI entry: `gunicorn wsgi:app`, `flask --app wsgi …`."""

from webapp.app import create_app
from webapp.cli import init_cli

app = create_app()
init_cli(app)
