"""The ten steps of the way, each told as what people see and do; `tell` plays them in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.end_to_end.people import OPERATOR, PASSWORD, PROGRAMME, Story
from tests.support.http import Walker, attribute, words
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.security.sessions import WebSession
from webapp.fundings.models import Funding
from webapp.internships.models import Internship
from webapp.organisations.models import ProgrammeSettings
from webapp.payouts.models import Payout

OWNER, REVIEWER, INTERN = "owner@river.example", "reviewer@river.example", "lan@intern.example"
FINANCE, SECOND, MANAGER = "finance@first.example", "second@first.example", "manager@first.example"
EMPLOYER = "River Maps"
TITLE = "Survey of ferry prices"
REPORT = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def tell(story: Story) -> None:
    """The whole way. After each step the books and the histories are checked."""
    for step in STEPS:
        step(story)
        story.check()


def day(story: Story, days: int) -> str:
    """A day, so many days after the story's today, as a date field takes it."""
    today = story.read(lambda: clock.now().date())
    return str((today + timedelta(days=days)).isoformat())


# 0. The people


def people_arrive(story: Story) -> None:
    """The operator sets the programme up; employer, reviewer and intern join and confirm their address."""
    operator = story.sign_in("Olu Operator", OPERATOR)
    operator.follow("Organisations")
    operator.follow(PROGRAMME)
    operator.follow("Settings of the programme")
    operator.press(
        "Save",
        fee="10",
        floor_USD="5",
        bank_USD="Stint Trust Account\nExample Bank\n0001 2345",
        floor_VND="50000",
        bank_VND="Stint\nNgân hàng Ví Dụ\n99",
    )
    operator.sees("Agreements made from now on follow these rules.")
    for name, email, role in (
        ("Fay Finance", FINANCE, "finance"),
        ("Sam Second", SECOND, "finance"),
        ("Mia Manager", MANAGER, "manager"),
    ):
        operator.open("/home")
        operator.follow("Organisations")
        operator.follow(PROGRAMME)
        operator.press("Send the invitation", email=email, role=role)
        story.accept_invitation(name, email)
    owner = story.join("Oanh Owner", OWNER, "I have work to offer", organisation=EMPLOYER)
    story.invite(owner, EMPLOYER, REVIEWER, "reviewer")
    story.accept_invitation("Ravi Reviewer", REVIEWER)
    intern = story.join("Lan Nguyễn", INTERN, "I'm looking for work")
    intern.open("/settings/payout-method")
    intern.press(
        "Save this account",
        country="VN",
        bank_name="Ngân hàng Ví Dụ",
        account_holder="NGUYEN LAN",
        account_number="0123456789",
    )
    intern.sees("Your payments will go to this account.")
    assert story.read(lambda: db.session.scalars(db.select(ProgrammeSettings)).one().fee_bp) == 1000


# 1. The posting


def posting_is_written(story: Story) -> None:
    """The owner writes it section by section, sees what is missing, and publishes."""
    owner = story.people["Oanh Owner"]
    owner.open("/home")
    owner.follow("Postings")
    owner.follow("New posting")
    owner.press("Create the draft", title=TITLE, currency="USD")
    owner.press("Publish", expect=422)
    owner.sees("There is a problem", "The brief is missing.")
    _section(owner, "Title and brief", brief="Ask at 12 ferry landings what a crossing costs.\n\nOne table.")
    owner.follow("Deliverables")
    owner.press("Add a deliverable", title_0="Table of prices", detail_0="CSV, one row a landing")
    owner.press("Save and continue", title_1="One-page summary")
    owner.follow("Priced rubric")
    rubric = {"title_0": "Complete", "weight_0": "50", "title_1": "Correct", "weight_1": "30"}
    owner.press("Save and continue", expect=422, **rubric, title_2="Clear", weight_2="19")
    owner.sees("They must add up to 100 %.")
    owner.press("Save and continue", weight_2="20")
    owner.follow("Skills")
    boxes = owner.form("Save and continue").find_all("input", attrs={"name": "skills"})
    owner.press("Save and continue", skills=[attribute(box, "value") for box in boxes[:2]])
    _section(owner, "Hours and pay", hours="20", base="300", guaranteed="100", bonus_pot="50")
    _section(owner, "Seats and dates", seats="1", starts_on=day(story, 7), ends_on=day(story, 21))
    _section(owner, "Place", place_kind="remote")
    _section(owner, "Use of AI tools", ai_policy="declared", ai_note="Say where.")
    owner.follow("Questions for applicants")
    owner.press("Add a question")
    owner.press("Save and continue", text_0="Which river do you live at?")
    owner.sees("That is $15.00 per hour")
    owner.press("Publish")
    owner.sees("The posting is open.")


def _section(owner: Walker, label: str, **values: str) -> None:
    owner.follow(label)
    owner.press("Save and continue", **values)
    assert owner.page.path.endswith("/draft"), owner.page.path


# 2. Reading, rehearsing, applying


def visitor_reads_and_intern_applies(story: Story) -> None:
    """A visitor browses and rehearses the pay; the intern applies, withdraws, undoes."""
    visitor = story.walker("a visitor")
    visitor.open("/")
    visitor.follow("Find work")
    visitor.follow(TITLE)
    visitor.sees("$15.00", "Ask at 12 ferry landings")
    visitor.follow("Preview what a result pays")
    shown = visitor.page.path
    visitor.open(f"{shown}?level_0=4&level_1=2&level_2=2&bonus=20")
    # 100 guaranteed + 200 of it by the rubric: 50 % · 1 + 30 % · ½ + 20 % · ½ = 75 %, and the bonus.
    visitor.sees("$270.00")
    intern = story.people["Lan Nguyễn"]
    intern.open("/postings")
    intern.follow(TITLE)
    intern.press("Apply")
    form = intern.form("Save and check")
    question = next(
        attribute(one, "name")
        for one in form.find_all("textarea")
        if attribute(one, "name").startswith("answer_")
    )
    intern.press(
        "Save and check",
        pitch="I have ridden every ferry of the delta.",
        links="https://example.org/ferries",
        **{question: "The Hậu."},
    )
    intern.press("Send the application")
    intern.sees("Your application is sent.")
    intern.press("Withdraw")
    intern.press("Undo the withdrawal")
    intern.sees("Your application is active again.")


# 3. Choosing


def seat_is_offered_and_taken(story: Story) -> None:
    """The reviewer shortlists, the owner offers, the intern accepts before the offer lapses."""
    reviewer = story.sign_in("Ravi Reviewer", REVIEWER)
    reviewer.follow("Postings")
    reviewer.follow(TITLE)
    reviewer.follow("Applications")
    assert "Lan" not in words(reviewer.page.main)
    reviewer.press("Shortlist")
    reviewer.sees("Added to the shortlist.")
    owner = story.people["Oanh Owner"]
    owner.open("/home")
    owner.follow("Postings")
    owner.follow(TITLE)
    owner.follow("Applications")
    owner.follow("Offer a seat")
    owner.press("Offer the seat", note="Welcome aboard.")
    story.later(days=1)
    intern = story.people["Lan Nguyễn"]
    intern.open("/home")
    intern.open("/applications")
    intern.follow("Answer the offer")
    intern.sees("Welcome aboard.")
    intern.press("Accept the seat")
    intern.sees("Read the agreement and accept it by name.")


# 4. The agreement


def both_sign(story: Story) -> None:
    """Both read the same text and accept it by name; the text can be kept."""
    intern, owner = story.people["Lan Nguyễn"], story.people["Oanh Owner"]
    intern.press("I accept this agreement", name="Lan Nguyễn")
    intern.sees("You accepted the agreement.")
    owner.open(f"{_internship(story)}/agreement")
    owner.press("I accept this agreement", name="Oanh Owner")
    owner.sees("You accepted the agreement.")
    status, headers, text = owner.fetch(f"{_internship(story)}/agreement.txt")
    assert status == 200 and TITLE.encode() in text
    assert "attachment" in headers["Content-Disposition"]


def _internship(story: Story) -> str:
    return f"/internships/{story.read(lambda: db.session.scalars(db.select(Internship.id)).one())}"


# 5. The money, and the start


def money_is_secured_and_work_starts(story: Story) -> None:
    """The owner transfers what the page says, finance records it in two parts, the intern starts."""
    owner, intern = story.people["Oanh Owner"], story.people["Lan Nguyễn"]
    owner.open(f"{_internship(story)}/funding")
    owner.sees("$300.00", "$50.00", "$30.00", "$380.00", "Stint Trust Account")
    reference = words(owner.page.main.find_all("code")[0])
    owner.press("I have made the transfer")
    finance = story.sign_in("Fay Finance", FINANCE)
    finance.follow("Payments")
    finance.follow(reference)
    today = day(story, 0)
    finance.press("Record", amount="180", received_on=today, bank_reference="IN-1")
    finance.sees("Still missing", "$200.00")
    finance.press("Record", amount="200", received_on=today, bank_reference="IN-2")
    finance.sees("The money is secured.")
    story.later(days=6)
    intern.open(_internship(story))
    intern.press("Start the work")
    assert _state(story) == "in_progress"


def _state(story: Story) -> str:
    found: str = story.read(lambda: db.session.scalars(db.select(Internship.state)).one())
    return found


# 6. The board


def cards_move(story: Story) -> None:
    """A card goes on by its next step and by the Move… sheet; a new one is added."""
    intern = story.people["Lan Nguyễn"]
    intern.open(f"{_internship(story)}/board")
    intern.sees("Table of prices", "One-page summary")
    intern.press("Start Table of prices")
    assert _column(intern, "doing") == ["Table of prices"]
    intern.press("Finish Table of prices")
    assert _column(intern, "done") == ["Table of prices"]
    intern.follow("Move… One-page summary")
    intern.press("Move", to="doing", before="end")
    assert _column(intern, "doing") == ["One-page summary"]
    intern.press("Add the task", title="Proofread")
    assert _column(intern, "todo") == ["Proofread"]


def _column(walker: Walker, state: str) -> list[str]:
    return [words(title) for title in walker.page.soup.select(f"#list-{state} li h3")]


# 7. The work is handed in


def work_is_handed_in(story: Story) -> None:
    """A note, a link and a file; open tasks are asked about once."""
    story.later(days=3)
    intern = story.people["Lan Nguyễn"]
    intern.open(f"{_internship(story)}/submission")
    intern.press(
        "Add the files",
        note="All twelve landings.",
        links="https://example.org/table",
        files=[("ferries.pdf", REPORT)],
    )
    intern.sees("ferries.pdf")
    intern.press("Submit the work")
    intern.sees("tasks are still open")
    intern.press("Submit the work", despite_open=True)
    intern.sees("Version 1 was handed in.")
    assert _state(story) == "submitted"


# 8. The review


def reviewer_asks_for_changes(story: Story) -> None:
    """Criterion by criterion; one criterion is cited, so the work goes back once."""
    story.later(days=1)
    reviewer = story.people["Ravi Reviewer"]
    reviewer.open(_internship(story))
    reviewer.follow("Review the work")
    reviewer.press("Save and see the amount", level_1="4", level_2="2", level_3="2")
    # 100 guaranteed + 75 % of the 200 above it.
    reviewer.sees("$250.00")
    reviewer.press("Request changes…", cited_2=True, comment_2="Two prices are from last year.")
    reviewer.press("Request these changes")
    reviewer.sees("Changes were requested.")
    assert _state(story) == "in_progress"


def intern_hands_in_again(story: Story) -> None:
    """The next version begins as a copy of the one before."""
    story.later(days=1)
    intern = story.people["Lan Nguyễn"]
    intern.open(_internship(story))
    intern.follow("Hand in the work")
    intern.sees("Changes requested", "Two prices are from last year.", "ferries.pdf")
    intern.press("Submit the work", note="Prices asked again.", despite_open=True)
    intern.sees("Version 2 was handed in.")


def reviewer_approves_with_a_bonus(story: Story) -> None:
    """The amount is shown before it is fixed: 300 × the rubric, and a bonus with its reason."""
    story.later(days=1)
    reviewer = story.people["Ravi Reviewer"]
    reviewer.open(_internship(story))
    reviewer.follow("Review the work")
    reviewer.press(
        "Approve…",
        level_1="4",
        level_2="4",
        level_3="2",
        bonus="25",
        bonus_reason="You went twice.",
        comment="Thank you.",
    )
    # 100 + 200 · (50 % + 30 % + 10 %) + 25.
    reviewer.sees("$305.00", "$45.00")
    reviewer.press("Approve and fix the amount")
    reviewer.sees("The work is approved.")
    assert _state(story) == "reviewed"


# 9. The payment


def finance_pays(story: Story) -> None:
    """One approves, a second proves who they are and releases, the bank's reference is recorded: paid."""
    finance = story.people["Fay Finance"]
    finance.open("/finance")
    finance.follow(f"Payment {_payout(story, 'base')}")
    finance.sees("$305.00", "Correct")
    finance.press("Approve this payment")
    finance.sees("Now a second finance person releases it.")
    assert "Release this payment" not in words(finance.page.main)
    second = _second_releases(story, "base")
    second.press("Record the transfer", bank_reference="OUT-1", happened_on=day(story, 0))
    second.sees("The payment is complete")
    assert _state(story) == "paid"
    intern = story.people["Lan Nguyễn"]
    intern.open("/earnings")
    intern.sees("$305.00")


def _second_releases(story: Story, type_: str) -> Walker:
    """The second person releases a bank transfer, and makes it."""
    second = _second_claims(story, type_)
    second.sees("Make the bank transfer now")
    return second


def _second_claims(story: Story, type_: str) -> Walker:
    """The second person's proof of identity is old, so they are asked for the password once more."""
    second = story.people.get("Sam Second") or story.sign_in("Sam Second", SECOND)
    _age_proofs(story)
    second.open("/finance")
    second.follow(f"Payment {_payout(story, type_)}")
    second.press("Release this payment")
    second.sees("Confirm it's you")
    second.press("Confirm", password=PASSWORD)
    assert second.page.path == f"/finance/payouts/{_payout(story, type_)}", second.page.path
    second.press("Release this payment")
    return second


def _age_proofs(story: Story) -> None:
    """Everybody signed in a while ago: proofs of identity are real time, which no clock of ours shifts."""
    with story.app.app_context(), unit_of_work():
        db.session.execute(
            db.update(WebSession).values(confirmed_at=WebSession.confirmed_at - timedelta(minutes=11))
        )


def _payout(story: Story, type_: str) -> int:
    found: int = story.read(
        lambda: db.session.scalars(db.select(Payout.id).where(Payout.type == type_)).one()
    )
    return found


# 10. What is left goes back


def remainder_goes_back(story: Story) -> None:
    """After its window the rest is due to the payer by itself, and two people send it like any money."""
    story.later(days=6)
    finance = story.people["Fay Finance"]
    finance.open("/finance")
    finance.follow(f"Payment {_payout(story, 'refund')}")
    finance.sees("$45.00", "IN-1")
    finance.press("Approve this payment")
    second = _second_releases(story, "refund")
    second.press("Record the transfer", bank_reference="OUT-2", happened_on=day(story, 0))
    second.sees("The payment is complete")
    assert story.read(lambda: db.session.scalars(db.select(Funding.state)).one()) == "settled"


STEPS: tuple[Callable[[Story], None], ...] = (
    people_arrive,
    posting_is_written,
    visitor_reads_and_intern_applies,
    seat_is_offered_and_taken,
    both_sign,
    money_is_secured_and_work_starts,
    cards_move,
    work_is_handed_in,
    reviewer_asks_for_changes,
    intern_hands_in_again,
    reviewer_approves_with_a_bonus,
    finance_pays,
    remainder_goes_back,
)
