#!/bin/sh
# Guess: a request context that is pushed anew is a new request for Flask-Babel too, so a page that is drawn for a
#   Vietnamese and then, in another test_request_context, for an English reader comes in two languages.
# Truth: Flask-Babel keeps the chosen language and zone on flask.g, which belongs to the app context. Where an app context
#   is already there (a worker, a thread that draws for many), every request context inside it shares that g: the language
#   selector is asked once, and all who come later get the first reader's language. flask_babel.refresh() asks it again.
# Versions: Flask 3.1.3, Flask-Babel 4.0.0, Babel 2.18.0.
# Why it matters here: the thread behind live boards draws one card for readers of several languages in one app context.
#   The first test of it found English readers with a Vietnamese card.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check flask==3.1.3 flask-babel==4.0.0 babel==2.18.0
cat > "$folder/try.py" <<'PYTHON'
from importlib.metadata import version

from flask import Flask, request
from flask_babel import Babel, format_date, get_locale, refresh
from datetime import date

app = Flask(__name__)
asked = []


def choose() -> str:
    asked.append(request.args["reader"])
    return request.args["reader"]


Babel(app, locale_selector=choose)


def drawn_for(reader: str, anew: bool = False) -> tuple[str, str]:
    with app.test_request_context(query_string={"reader": reader}):
        if anew:
            refresh()
        return str(get_locale()), format_date(date(2026, 11, 30), "d MMMM")


def all_in_one(anew: bool) -> list[tuple[str, str]]:
    with app.app_context():
        return [drawn_for(reader, anew) for reader in ("vi", "en")]


print("Flask", version("flask"), "Flask-Babel", version("flask-babel"), "Babel", version("babel"))
apart = [drawn_for(reader) for reader in ("vi", "en")]
print("each in its own app context:", apart)
asked.clear()
together = all_in_one(anew=False)
print("both in one app context:    ", together, "- the selector was asked for", asked)
asked.clear()
refreshed = all_in_one(anew=True)
print("the same, with refresh():   ", refreshed, "- the selector was asked for", asked)
assert [locale for locale, _day in apart] == ["vi", "en"]
assert [locale for locale, _day in together] == ["vi", "vi"]
assert [locale for locale, _day in refreshed] == ["vi", "en"]
PYTHON
"$folder/venv/bin/python" "$folder/try.py"
