"""From nobody to an agreement that both have signed: people, posting, application, choice."""

from __future__ import annotations

from tests.end_to_end.people import (
    EMPLOYER,
    FINANCE,
    INTERN,
    MANAGER,
    OPERATOR,
    OWNER,
    PROGRAMME,
    REVIEWER,
    SECOND,
    Story,
)
from tests.end_to_end.reading import day, internship
from tests.support.http import Walker
from tests.support.screen import attribute, words
from webapp.core.database.base import db
from webapp.organisations.models import ProgrammeSettings

TITLE = "Survey of ferry prices"


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
    owner.open(f"{internship(story)}/agreement")
    owner.press("I accept this agreement", name="Oanh Owner")
    owner.sees("You accepted the agreement.")
    status, headers, text = owner.fetch(f"{internship(story)}/agreement.txt")
    assert status == 200 and TITLE.encode() in text
    assert "attachment" in headers["Content-Disposition"]
