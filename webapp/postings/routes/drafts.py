"""A draft: begun, written section by section, published or proposed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, request, url_for
from flask.wrappers import Response
from flask_babel import format_time, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core.database import clock
from webapp.core.errors import NotNow
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.security import access, idempotency
from webapp.core.web import responses
from webapp.core.web.forms import Form
from webapp.organisations import queries as organisation_queries
from webapp.organisations.models import Organisation
from webapp.postings import guards, policy
from webapp.postings.actions import drafts as posting_drafts
from webapp.postings.actions import moves as posting_moves
from webapp.postings.forms import rows as posting_rows
from webapp.postings.forms import sections as posting_sections
from webapp.postings.forms import tasks as posting_tasks
from webapp.postings.models import Part, Posting
from webapp.postings.queries import pay as posting_pay
from webapp.postings.queries import postings as posting_queries
from webapp.postings.routes.blueprint import bp, refuse_doubles, screen, version_seen
from webapp.skills import queries as skill_queries


@bp.get("/organisations/<int:organisation_id>/postings/new")
@access.allow(load=posting_queries.employer_for_viewer, may=policy.may_begin)
def new(organisation: Organisation) -> Response:
    """An owner begins a posting."""
    return screen("postings/new", organisation=organisation, form=_new_form())


@bp.post("/organisations/<int:organisation_id>/postings")
@access.allow(load=posting_queries.employer_for_viewer, may=policy.may_begin)
def create(organisation: Organisation) -> Response:
    """The draft is made; its parts are written next."""
    form = _new_form()
    if form.validate():
        with form.catch_refusals():
            posting = posting_drafts.draft(
                organisation,
                actor=g.person,
                programme=form.chosen_programme,
                currency=form.currency.data,
                title=form.title.data,
            )
            return responses.done(
                url_for("postings.edit", posting_id=posting.id), say=_("The draft was created.")
            )
    return screen("postings/new", status=422, organisation=organisation, form=form)


def _new_form() -> posting_sections.NewForm:
    programmes = organisation_queries.programmes_with_settings()
    refuse_doubles()
    if not programmes:
        raise NotNow(_l("This installation has no programme yet, so nothing can be posted."))
    return posting_sections.NewForm(programmes)


@bp.get("/postings/<int:posting_id>/draft")
@access.allow(load=posting_queries.for_viewer, may=policy.is_owner)
def edit(posting: Posting) -> Response:
    """The task list of a draft: what is done, what is missing, what it would pay."""
    return _task_list(posting)


def _task_list(posting: Posting, *, status: int = 200, form: Form | None = None) -> Response:
    _still_draft(posting)
    lacking = posting_queries.missing(posting)
    return screen(
        "postings/edit",
        status=status,
        posting=posting,
        form=form,
        tasks=[_task(posting, section, lacking) for section in posting_tasks.SECTIONS.values()],
        lacking=lacking,
        pay=posting_pay.pay_of(posting),
        rehearsal=posting_pay.rehearse(posting),
        moves=lifecycle.open_moves(posting, g.person),
    )


def _task(posting: Posting, section: posting_tasks.Section, lacking: list[str]) -> dict[str, Any]:
    notes = [str(sentence) for code, sentence in section.missing.items() if code in lacking]
    return {
        "label": section.label,
        "url": url_for("postings.edit_section", posting_id=posting.id, section=section.name),
        **({"state": "todo", "note": " ".join(notes)} if notes else {"state": "done"}),
    }


def _still_draft(posting: Posting) -> None:
    if posting.state != "draft":
        raise NotNow(
            _l("You can only change a draft: what applicants have read stays as it is."),
            way_on=(_l("See the posting"), url_for("postings.show", posting_id=posting.id)),
        )


@bp.get("/postings/<int:posting_id>/draft/<section>")
@access.allow(load=posting_queries.part_for_viewer, may=policy.owns_part)
def edit_section(part: Part) -> Response:
    """One section of a draft."""
    _still_draft(part.posting)
    return _section(part, _section_form(part))


@bp.post("/postings/<int:posting_id>/draft/<section>")
@access.allow(load=posting_queries.part_for_viewer, may=policy.owns_part)
def save_section(part: Part) -> Response:
    """A section is saved whole, kept as it is so far (`intent=draft`), or a row is added, moved or removed.

    When the page saves itself, what is valid is kept and what is not waits for its writer.
    """
    version, wish = version_seen("skills"), request.form.get("intent", "save")
    form = _section_form(part, posted=True)
    alone = request.headers.get("HX-Target") == "autosave"
    drafting = alone or wish == "draft"
    good = form.validate()
    values = form.values()
    row = None
    if isinstance(form, posting_rows.RowsForm) and not drafting:
        if wish == "save":
            values = {form.rows_name: form.drop_blank()}
        else:
            row = posting_rows.change_rows(wish, form, values[form.rows_name])
        good = good and not form.errors
    if good or alone:
        with form.catch_refusals():
            posting_drafts.edit(part.posting, actor=g.person, version=version, values=values)
            return _saved(part, alone=alone, whole=wish == "save" and not drafting, row=row)
    return _section(part, form, status=422)


def _saved(part: Part, *, alone: bool, whole: bool, row: int | None) -> Response:
    page = url_for("postings.edit_section", posting_id=part.posting.id, section=part.name)
    if alone:
        idempotency.remember(page)
        return Response(status=204, headers={"X-Version": str(part.posting.version)})
    if whole:
        return responses.done(url_for("postings.edit", posting_id=part.posting.id), say=_("Saved."))
    if row is None:
        return responses.done(page, say=_("Draft saved at %(time)s.", time=format_time(clock.now(), "HH:mm")))
    g.row = row
    return responses.done(f"{page}#row-{row}", say=_("The rows were changed and the draft was saved."))


def _section(part: Part, form: posting_sections.SectionForm, *, status: int = 200) -> Response:
    return screen(
        "postings/section",
        status=status,
        posting=part.posting,
        section=posting_tasks.SECTIONS[part.name],
        form=form,
        pay=posting_pay.pay_of(part.posting),
        row=g.get("row"),
        level_names=posting_rows.LEVEL_NAMES,
    )


def _section_form(part: Part, *, posted: bool = False) -> posting_sections.SectionForm:
    kind = posting_tasks.SECTIONS[part.name].form
    rows = posting_rows.rows_posted(kind, request.form) if posted else None
    page = posting_sections.Page(
        part.posting, skill_queries.choices(str(get_locale())), posting_queries.today_of(part.posting), rows
    )
    return kind.of(page)


@bp.post("/postings/<int:posting_id>/publication")
@access.allow(load=posting_queries.for_viewer, may=policy.is_owner)
def publish(posting: Posting) -> Response:
    """The owner opens the posting; with something missing the task list says what."""
    return _finish_draft(posting, posting_moves.publish, _("The posting is open."))


@bp.post("/postings/<int:posting_id>/proposal")
@access.allow(load=posting_queries.for_viewer, may=policy.is_owner)
def propose(posting: Posting) -> Response:
    """The owner asks the programme to approve the posting."""
    return _finish_draft(posting, posting_moves.propose, _("The programme was asked to approve."))


def _finish_draft(posting: Posting, action: Callable[..., None], say: str) -> Response:
    try:
        action(posting, actor=g.person, version=version_seen())
    except guards.Incomplete as error:
        form = posting_sections.NothingForm()
        for section in posting_tasks.SECTIONS.values():
            form.form_errors += [
                sentence for code, sentence in section.missing.items() if code in error.missing
            ]
        return _task_list(posting, status=422, form=form)
    return responses.done(url_for("postings.show", posting_id=posting.id), say=say)
