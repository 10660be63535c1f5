"""Routes of postings: written, browsed, rehearsed, opened and closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, request, url_for
from flask.wrappers import Response
from flask_babel import format_time, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.accounts import queries as account_queries
from webapp.core.database import clock
from webapp.core.errors import BadInput, Invalid, NotNow
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.security import access, idempotency
from webapp.core.web import labels, responses
from webapp.core.web.fields import percent
from webapp.core.web.forms import seen_version, whole_number
from webapp.core.web.timeline import Timeline, older, timeline
from webapp.organisations import queries as organisation_queries
from webapp.organisations.models import Organisation
from webapp.postings import actions, guards, policy, queries
from webapp.postings.forms import reading as posting_reading
from webapp.postings.forms import rows as posting_rows
from webapp.postings.forms import sections as posting_sections
from webapp.postings.forms import tasks as posting_tasks
from webapp.postings.models import Posting
from webapp.postings.queries import Part
from webapp.skills import queries as skill_queries

bp = Blueprint("postings", __name__)


@bp.get("/postings")
@access.allow(may=access.anyone, public=True)
def browse() -> Response:
    """Everybody looks for open postings; the filters live in the address."""
    form = posting_reading.search_form(request.args, skill_queries.all_skills(), queries.currencies_in_use())
    found = queries.browse(search := posting_reading.search_of(form, request.args.get("after", "")))
    # Only the filters: url_for would take a stranger's `_scheme` or `endpoint` for its own.
    kept: dict[str, Any] = {"after": found.next_after}
    kept.update((name, told) for name, told in request.args.items() if name in form)
    further = url_for("postings.browse", **kept) if found.next_after is not None else None
    name = "postings/_results.html" if (part := _fills("results")) else "postings/browse"
    return _screen(name, filters=form, search=search, found=found, further=further, only_part=part)


@bp.get("/postings/<int:posting_id>")
@access.allow(load=queries.for_viewer, may=access.anyone, public=True)
def show(posting: Posting) -> Response:
    """Everybody reads a posting; its employer's people also find their controls and its history."""
    return _screen(
        "postings/show",
        posting=posting,
        pay=queries.pay_of(posting),
        rehearsal=queries.rehearse(posting),
        free=queries.free_seats([posting]).get(posting.id, 0),
        moves=lifecycle.open_moves(posting, g.person),
        turn=queries.turn(g.person, posting),
        member=policy.is_member(g.person, posting),
        may_renew=policy.may_renew(g.person, posting),
        may_edit=policy.may_edit(g.person, posting),
        may_apply=policy.may_apply(g.person, posting),
        rail=posting.settings.rail_for(g.person.country, posting.currency) if g.person else None,
        timeline=_timeline(posting) if policy.is_member(g.person, posting) else None,
    )


def _timeline(posting: Posting) -> Timeline:
    """What happened to the posting itself; its applications' entries are another page's business."""
    return timeline(
        posting,
        names=account_queries.names,
        before=older(responses.page_args()),
        subject_kinds=("posting",),
        quotes=lambda entry: True,
    )


@bp.get("/postings/<int:posting_id>/rehearsal")
@access.allow(load=queries.for_viewer, may=access.anyone, public=True)
def rehearsal(posting: Posting) -> Response:
    """Everybody tries out what a result would pay."""
    name = "postings/_result.html" if _fills("rehearsal") else "postings/rehearsal"
    if queries.rehearse(posting) is None:
        return _screen(name, posting=posting, rehearsal=None, form=None)
    form = posting_reading.rehearsal_form(posting, request.args)
    outcome = queries.rehearse(posting, *posting_reading.rehearsed(posting, form))
    return _screen(name, status=422 if form.errors else 200, posting=posting, rehearsal=outcome, form=form)


def _screen(name: str, **context: Any) -> Response:
    answer = responses.fragment if name.endswith(".html") else responses.screen
    return answer(name, percent=percent, state_label=labels.state_label, **context)


def _fills(element: str) -> bool:
    """Does htmx want only the part of the page with this id?"""
    return responses.wants_partial() and request.headers.get("HX-Target", "").endswith(f"#{element}")


@bp.get("/organisations/<int:organisation_id>/postings")
@access.allow(load=queries.employer_for_viewer, may=access.signed_in)
def of_organisation(organisation: Organisation) -> Response:
    """The employer's people list their postings."""
    page = queries.page_of_organisation(organisation.id, whole_number(responses.page_args().get("after")))
    return _screen(
        "postings/of_organisation",
        organisation=organisation,
        page=page,
        postings=page.rows,
        free=queries.free_seats(page.rows),
        may_begin=policy.may_begin(g.person, organisation),
    )


@bp.get("/organisations/<int:organisation_id>/postings/new")
@access.allow(load=queries.employer_for_viewer, may=policy.may_begin)
def new(organisation: Organisation) -> Response:
    """An owner begins a posting."""
    return _screen("postings/new", organisation=organisation, form=_new_form())


@bp.post("/organisations/<int:organisation_id>/postings")
@access.allow(load=queries.employer_for_viewer, may=policy.may_begin)
def create(organisation: Organisation) -> Response:
    """The draft is made; its parts are written next."""
    form = _new_form()
    if form.validate():
        programmes = {str(one.id): one for one in organisation_queries.all_of_kind("programme")}
        programme, currency = programmes[form.programme.data], form.currency.data
        try:
            posting = actions.draft(
                organisation, actor=g.person, programme=programme, currency=currency, title=form.title.data
            )
        except Invalid as error:
            form.refuse(error)
        else:
            return responses.done(
                url_for("postings.edit", posting_id=posting.id), say=_("The draft was created.")
            )
    return _screen("postings/new", status=422, organisation=organisation, form=form)


def _new_form() -> posting_sections.NewForm:
    offered = [
        (one, organisation_queries.settings_of(one.id).currencies)
        for one in organisation_queries.all_of_kind("programme")
    ]
    _refuse_doubles()
    if not offered:
        raise NotNow(_l("This installation has no programme yet, so nothing can be posted."))
    return posting_sections.NewForm(offered)


@bp.get("/postings/<int:posting_id>/draft")
@access.allow(load=queries.for_viewer, may=policy.is_owner)
def edit(posting: Posting) -> Response:
    """The task list of a draft: what is done, what is missing, what it would pay."""
    return _task_list(posting)


def _task_list(posting: Posting, *, status: int = 200, form: Any = None) -> Response:
    _still_draft(posting)
    lacking = queries.missing(posting)
    return _screen(
        "postings/edit",
        status=status,
        posting=posting,
        form=form,
        tasks=[_task(posting, section, lacking) for section in posting_tasks.SECTIONS.values()],
        lacking=lacking,
        pay=queries.pay_of(posting),
        rehearsal=queries.rehearse(posting),
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
@access.allow(load=queries.part_for_viewer, may=policy.owns_part)
def edit_section(part: Part) -> Response:
    """One section of a draft."""
    _still_draft(part.posting)
    return _section(part, _section_form(part))


@bp.post("/postings/<int:posting_id>/draft/<section>")
@access.allow(load=queries.part_for_viewer, may=policy.owns_part)
def save_section(part: Part) -> Response:
    """A section is saved whole, kept as it is so far (`do=draft`), or a row is added, moved or removed.

    When the page saves itself, what is valid is kept and what is not waits for its writer.
    """
    version, wish = _version("skills"), request.form.get("do", "save")
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
    if not good and not alone:
        return _section(part, form, status=422)
    try:
        actions.edit(part.posting, actor=g.person, version=version, values=values)
    except Invalid as error:
        form.refuse(error)
        return _section(part, form, status=422)
    return _saved(part, alone=alone, whole=wish == "save" and not drafting, row=row)


def _saved(part: Part, *, alone: bool, whole: bool, row: int | None) -> Response:
    here = url_for("postings.edit_section", posting_id=part.posting.id, section=part.name)
    if alone:
        idempotency.remember(here)
        return Response(status=204, headers={"X-Version": str(part.posting.version)})
    if whole:
        return responses.done(url_for("postings.edit", posting_id=part.posting.id), say=_("Saved."))
    if row is None:
        return responses.done(here, say=_("Draft saved at %(time)s.", time=format_time(clock.now(), "HH:mm")))
    g.row = row
    return responses.done(f"{here}#row-{row}", say=_("The rows were changed and the draft was saved."))


def _section(part: Part, form: posting_sections.SectionForm, *, status: int = 200) -> Response:
    return _screen(
        "postings/section",
        status=status,
        posting=part.posting,
        section=posting_tasks.SECTIONS[part.name],
        form=form,
        pay=queries.pay_of(part.posting),
        row=g.get("row"),
        level_names=posting_rows.LEVEL_NAMES,
    )


def _section_form(part: Part, *, posted: bool = False) -> posting_sections.SectionForm:
    kind = posting_tasks.SECTIONS[part.name].form
    rows = posting_rows.rows_posted(kind, request.form) if posted else None
    page = posting_sections.Page(
        part.posting, skill_queries.choices(str(get_locale())), queries.today_of(part.posting), rows
    )
    return kind.of(page)


@bp.post("/postings/<int:posting_id>/publication")
@access.allow(load=queries.for_viewer, may=policy.is_owner)
def publish(posting: Posting) -> Response:
    """The owner opens the posting; with something missing the task list says what."""
    return _finish_draft(posting, actions.publish, _("The posting is open."))


@bp.post("/postings/<int:posting_id>/proposal")
@access.allow(load=queries.for_viewer, may=policy.is_owner)
def propose(posting: Posting) -> Response:
    """The owner asks the programme to approve the posting."""
    return _finish_draft(posting, actions.propose, _("The programme was asked to approve."))


def _finish_draft(posting: Posting, action: Callable[..., None], say: str) -> Response:
    try:
        action(posting, actor=g.person, version=_version())
    except guards.Incomplete as error:
        form = posting_sections.NothingForm()
        for section in posting_tasks.SECTIONS.values():
            form.form_errors += [said for code, said in section.missing.items() if code in error.missing]
        return _task_list(posting, status=422, form=form)
    return responses.done(url_for("postings.show", posting_id=posting.id), say=say)


def _version(*many: str) -> int:
    _refuse_doubles(*many)
    return seen_version()


def _refuse_doubles(*many: str) -> None:
    for name in request.form:
        if name not in many and len(request.form.getlist(name)) > 1:
            raise BadInput(_l("The form sent one field twice."))


@bp.get("/postings/approvals")
@access.allow(may=policy.is_manager_somewhere)
def approvals() -> Response:
    """The manager's list of postings that wait for approval."""
    return _screen("postings/approvals", **queries.approvals(g.person))


@bp.get("/postings/<int:posting_id>/approval")
@access.allow(load=queries.for_viewer, may=policy.manages)
def approval(posting: Posting) -> Response:
    """The manager reads a proposed posting and decides."""
    return _approval(posting, posting_sections.SendBackForm())


@bp.post("/postings/<int:posting_id>/approval")
@access.allow(load=queries.for_viewer, may=policy.manages)
def approve(posting: Posting) -> Response:
    """The manager approves, and the posting opens."""
    actions.approve(posting, actor=g.person, version=_version())
    return responses.done(url_for("postings.approvals"), say=_("“%(title)s” is open.", title=posting.title))


@bp.post("/postings/<int:posting_id>/return")
@access.allow(load=queries.for_viewer, may=policy.manages)
def send_back(posting: Posting) -> Response:
    """The manager sends the posting back, and says why."""
    version, form = _version(), posting_sections.SendBackForm()
    if not form.validate():
        return _approval(posting, form, status=422)
    actions.send_back(posting, actor=g.person, version=version, reason=form.reason.data)
    return responses.done(
        url_for("postings.approvals"), say=_("“%(title)s” was sent back.", title=posting.title)
    )


def _approval(posting: Posting, form: posting_sections.SendBackForm, *, status: int = 200) -> Response:
    return _screen(
        "postings/approval",
        status=status,
        posting=posting,
        form=form,
        pay=queries.pay_of(posting),
        rehearsal=queries.rehearse(posting),
        moves=lifecycle.open_moves(posting, g.person),
        turn=queries.turn(g.person, posting),
    )


@bp.post("/postings/<int:posting_id>/closing")
@access.allow(load=queries.for_viewer, may=policy.is_owner)
def close(posting: Posting) -> Response:
    """The owner takes no further applications."""
    actions.close(posting, actor=g.person, version=_version())
    return responses.done(
        url_for("postings.show", posting_id=posting.id), say=_("No new applications are taken.")
    )


@bp.post("/postings/<int:posting_id>/renewal")
@access.allow(load=queries.for_viewer, may=policy.is_owner)
def renew(posting: Posting) -> Response:
    """The owner keeps the posting open for longer."""
    actions.renew(posting, actor=g.person, version=_version())
    return responses.done(
        url_for("postings.show", posting_id=posting.id), say=_("The posting stays open longer.")
    )


@bp.post("/postings/<int:posting_id>/reopening")
@access.allow(load=queries.for_viewer, may=policy.is_owner)
def reopen(posting: Posting) -> Response:
    """The owner takes applications again."""
    actions.reopen(posting, actor=g.person, version=_version())
    return responses.done(
        url_for("postings.show", posting_id=posting.id), say=_("The posting is open again.")
    )
