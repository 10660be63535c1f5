"""Screens and answers: a page for a browser, the same partial for htmx."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from flask import Flask, current_app, flash, g, redirect, render_template, request
from flask.wrappers import Response
from flask_babel import gettext as _
from htmx_flask import Htmx
from htmx_flask.requests import HtmxAwareRequest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.routing import RequestRedirect
from werkzeug.wsgi import wrap_file

from webapp.core.errors import AppError
from webapp.core.files import blobs
from webapp.core.security import idempotency
from webapp.core.web import form_rescue


class FormReader(FormDataParser):
    """Reads plain forms as uploads are read: with their limits, and with U+FFFD for bytes that are no text.

    Werkzeug would keep such bytes as percent signs and digits, which then look as if somebody had typed them.
    """

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        if mimetype != "application/x-www-form-urlencoded":
            return super().parse(stream, mimetype, content_length, options)
        body = stream.read()
        if self.max_form_memory_size is not None and len(body) > self.max_form_memory_size:
            raise RequestEntityTooLarge
        try:
            items = parse_qsl(
                body.decode("utf-8", "replace"),
                keep_blank_values=True,
                errors="replace",
                max_num_fields=self.max_form_parts,
            )
        except ValueError:  # more fields than any form of ours has
            raise RequestEntityTooLarge from None
        return stream, self.cls(items), self.cls()


class StintRequest(HtmxAwareRequest):  # type: ignore[misc]
    """The request as htmx 4 describes it (htmx-flask knows the headers of version 2)."""

    max_form_memory_size = 1_000_000
    max_form_parts = 600
    form_data_parser_class = FormReader

    @property
    def wants_partial(self) -> bool:
        """An htmx request that fills a part of the page; restoring history wants the whole page."""
        headers = self.headers
        return bool(
            headers.get("HX-Request") == "true"
            and headers.get("HX-Request-Type", "partial") == "partial"
            and headers.get("HX-History-Restore-Request") != "true"
        )


def init_htmx(app: Flask) -> None:
    """Know htmx requests, and keep caches from mixing pages with partials."""
    Htmx(app)
    app.request_class = StintRequest

    @app.after_request
    def vary(response: Response) -> Response:
        response.vary.update(("HX-Request", "HX-Request-Type", "Cookie"))
        return response


def wants_partial() -> bool:
    return bool(getattr(request, "wants_partial", False))


@dataclass(frozen=True)
class Page:
    """A page of ours: its endpoint, the values in its address, and what is asked of it."""

    endpoint: str
    values: dict[str, Any]
    args: MultiDict[str, str]


def asked_from() -> Page | None:
    """The page on which somebody pressed what led here; None where the browser does not say, or names none of ours.

    A form that is reached over a page of its own says in `back` where it came from. It is a client's word: good for
    showing a part as that page would, never for what somebody may see or do.
    """
    origin = (
        request.form.get("back") or request.headers.get("HX-Current-URL") or request.headers.get("Referer")
    )
    try:
        address = urlsplit(origin or "")
    except ValueError:
        return None
    matched = _match(address.path) if address.path else None
    return Page(*matched, _args(address.query)) if matched else None


def page_args() -> MultiDict[str, str]:
    """What is asked of the page that is being shown, also where it is the answer to a form."""
    args: MultiDict[str, str] = g.answering_args if g.get("answering") else request.args
    return args


def _args(query: str) -> MultiDict[str, str]:
    return MultiDict(parse_qsl(query, errors="replace")[:50])


def _match(path: str) -> tuple[str, dict[str, Any]] | None:
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        endpoint, values = adapter.match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    return endpoint, dict(values)


def screen(name: str, *, status: int = 200, **context: object) -> Response:
    """Answer with the page `name` ("postings/show"), from the one file `templates/postings/show.html`.

    It extends `layout`: the whole page for a browser, only what fills `<main id="main">` for htmx.
    """
    if wants_partial():
        layout = "_base/answer.html"
        context |= {"say": g.pop("say", None), "undo": g.pop("undo", None)}
    else:
        layout = "_base/layout.html"
    body = render_template(f"{name}.html", layout=layout, **context)
    return Response(body, status=status, content_type="text/html; charset=utf-8")


def fragment(template: str, *, status: int = 200, **context: object) -> Response:
    """Answer htmx with a part of a page that it asked for by itself ("postings/_result.html")."""
    return screen("_base/fragment", status=status, fragment=template, **context)


def done(location: str, *, say: str | None = None) -> Response:
    """Answer an action that succeeded: its effect is to be seen at `location` (a path made by url_for).

    Without JavaScript a 303 and a notice; with htmx the very screen, rendered from what this transaction wrote.
    """
    idempotency.remember(location)
    if not wants_partial():
        if say:
            flash(say, "done")
        return redirect_to(location)
    return _show(location, say)


def replay(operation: idempotency.IdempotencyKey) -> Response:
    """Answer a form that had its effect before: show where the effect is."""
    location = operation.location or "/"
    if not wants_partial():
        flash(_("That was already done. Here is the latest version."), "info")
        return redirect_to(location)
    return _show(location, _("That was already done. Here is the latest version."))


class KeptFile(Protocol):
    """A row that names a stored content."""

    filename: str
    sha256: str
    size: int
    media_type: str


def attachment(kept_file: KeptFile) -> Response:
    """One stored file, to be saved and never shown by the browser."""
    blob = blobs.open_blob(kept_file.sha256)
    response = Response(wrap_file(request.environ, blob), direct_passthrough=True)
    response.headers.update(blobs.attachment_headers(kept_file.filename, kept_file.media_type))
    response.content_length = kept_file.size
    return response


def redirect_to(location: str) -> Response:
    """A 303 to a path of ours or a provider's page (never to what a client sent)."""
    response = redirect(location, 303)
    assert isinstance(response, Response)
    return response


def leave(location: str) -> Response:
    """Load `location` as a new page, also when htmx asked (sign-in, sign-out, another language)."""
    idempotency.remember(location)
    if wants_partial():
        return Response(status=204, headers={"HX-Redirect": location})
    return redirect_to(location)


def leave_for(address: str) -> Response:
    """Lead on to a hosted page of a provider, whose own answer gave its address."""
    if wants_partial():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect_to(address)


def _show(location: str, say: str | None) -> Response:
    address = urlsplit(location)
    matched = _match(address.path)
    assert matched is not None, location
    endpoint, values = matched
    g.answering, g.answering_args = True, _args(address.query)
    g.say = say
    shown: Any = current_app.view_functions[endpoint](**values)
    answer: Response = current_app.make_response(shown)
    answer.headers["HX-Push-Url"] = location
    return answer


def error_screen(error: AppError, *, reference: str | None = None) -> Response:
    """The page, or for htmx the notice, that says what happened, whether the work is safe, and one way on."""
    label, url = error.way_on or (_("Go to the start page"), "/")
    context = {
        "title": error.title,
        "what_happened": error.sentence,
        "work_is_safe": error.work_is_safe,
        "way_on_label": label,
        "way_on_url": url,
        "reference": reference,
        "typed": form_rescue.typed_texts() if error.status == 409 else [],
    }
    template = "_base/error_answer.html" if wants_partial() else "_base/error.html"
    response = Response(
        render_template(template, **context), status=error.status, content_type="text/html; charset=utf-8"
    )
    retry_after = getattr(error, "retry_after", None)
    if retry_after or error.status == 503:
        response.headers["Retry-After"] = str(retry_after or 5)
    return response
