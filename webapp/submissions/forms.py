"""Shape and limits of the pack that is handed in."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, MultipleFileField
from wtforms.validators import ValidationError

from webapp.core.files.blobs import ACCEPT
from webapp.core.files.uploads import Upload, chosen
from webapp.core.web.fields import is_web_address, optional_text
from webapp.core.web.forms import Form

MOST_LINKS = 10
LONGEST_LINK = 500


class WorkForm(Form):
    """Note, links, files, and whether to hand in although cards are open."""

    note = optional_text(_l("A note to the reviewer"), 5_000)
    links = optional_text(_l("Links, one on each line"), 6_000)
    files = MultipleFileField(_l("Files"), render_kw={"accept": ACCEPT})
    despite_open = BooleanField(_l("Submit even though tasks are open"))

    def validate_links(self, field: Field) -> None:
        """At most ten addresses of web pages."""
        if len(self.link_list) > MOST_LINKS:
            raise ValidationError(_("Add at most %(most)s links.", most=MOST_LINKS))
        for link in self.link_list:
            if not is_web_address(link, LONGEST_LINK):
                raise ValidationError(
                    _(
                        "“%(link)s” is not a web address. It begins with https:// or http://.",
                        link=link[:60],
                    )
                )

    @property
    def link_list(self) -> list[str]:
        """The links as they were typed, without empty lines."""
        return [line.strip() for line in (self.links.data or "").splitlines() if line.strip()]

    @property
    def uploads(self) -> list[Upload]:
        """The files that were chosen."""
        return chosen(self.files.data)
