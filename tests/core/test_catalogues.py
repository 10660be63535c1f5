"""English and Vietnamese are complete, and a Vietnamese page speaks Vietnamese."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from webapp.core.web import catalogues


@pytest.mark.point(31)
def test_the_catalogues_are_complete_and_compiled() -> None:
    assert catalogues.problems() == []


def test_words_of_every_folder_are_drawn() -> None:
    folders = {
        location[0].split("/")[0:2][-1] for message in catalogues.extract() for location in message.locations
    }
    assert {"_base", "postings", "core"} <= folders


@pytest.mark.point(31)
@pytest.mark.parametrize("path", ["/", "/sign-in", "/join", "/join/intern", "/postings", "/help"])
def test_a_vietnamese_page_shows_no_english_message(client: FlaskClient, path: str) -> None:
    client.set_cookie("locale", "vi")
    answer = client.get(path)
    assert answer.status_code == 200
    soup = BeautifulSoup(answer.get_data(), "html.parser")
    assert soup.html is not None
    assert soup.html["lang"] == "vi"
    english = {
        m.id
        for m in catalogues.extract()
        if m.id and isinstance(m.id, str) and "%(" not in m.id and m.id not in catalogues.SAME
    }
    shown = {" ".join(text.split()) for text in soup.find_all(string=True)}
    assert not (shown & english) - {"English", "Stint"}
