"""What the styleguide shows: every component, in every state, in both languages and with long words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    Form,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from webapp.core.web.forms import MoneyField

LONG_NAME = "Nguyễn Phước Quý Thịnh Hoàng Thảo Nguyên"
LONG_TEXT = (
    "Nghiên cứu, phỏng vấn và tổng hợp phản hồi của những người bán hàng rong ở quận Bình Thạnh, rồi đề xuất "
    "một bảng câu hỏi ngắn gọn bằng tiếng Việt; mỗi ý kiến đều được trích dẫn nguyên văn. Ệ Ỗ Ẵ Ữ Ặ."
)
WHEN = datetime(2026, 11, 27, 16, 59, tzinfo=UTC)
DAY = date(2026, 11, 30)
STEPS = ("Applied", "Agreed", "Working", "Review", "Approved", "Paid")
STEPS_VI = ("Đã ứng tuyển", "Đã thoả thuận", "Đang thực hiện", "Đang chấm", "Đã duyệt", "Đã trả")
LEVELS = [
    SelectChoice("0", "Missing"),
    SelectChoice("1", "Begun: the idea is there, the work is not"),
    SelectChoice("2", "Usable after changes"),
    SelectChoice("3", "Good: could be used as it is"),
    SelectChoice("4", "Excellent: better than was asked for"),
]
FIELDS = [
    SelectChoice("research", "Research"),
    SelectChoice("design", "Design"),
    SelectChoice("data", "Data"),
]
PLACES = [
    SelectChoice("remote", "Remote"),
    SelectChoice("hybrid", "Hybrid"),
    SelectChoice("office", "At our place"),
]


class SampleForm(Form):  # type: ignore[misc]
    """One field of each type."""

    name = StringField("Full name", [InputRequired()])
    email = EmailField("E-mail address", [Optional()])
    password = PasswordField("Password")
    hours = IntegerField("Hours of work", [NumberRange(5, 40, "Enter a number from 5 to 40.")])
    fee = MoneyField("Base fee", currency="VND")
    due = DateField("Agreed end")
    field = SelectField("Field of work", choices=FIELDS)
    place = RadioField("Where", choices=PLACES)
    level = RadioField("Findings are traceable to what people said", choices=LEVELS)
    brief = TextAreaField("Brief", [Length(max=400)])
    pack = FileField("Your files")
    agree = BooleanField("I have read the agreement")


def styleguide_context() -> dict[str, Any]:
    """The values of the page at /styleguide."""
    filled = SampleForm(
        data={"name": LONG_NAME, "brief": LONG_TEXT, "place": "remote", "level": "3", "agree": True}
    )
    filled.fee.data = "4.500.000"
    wrong = SampleForm(prefix="wrong-", data={"name": "", "hours": 90, "brief": LONG_TEXT * 3, "place": None})
    for name, sentence in (
        ("name", "Enter your full name."),
        ("hours", "Enter a number from 5 to 40."),
        ("fee", "This currency has no fractions: write 1500000."),
        ("brief", "Write at most 400 characters."),
        ("place", "Choose where the work is done."),
        ("agree", "Confirm that you have read the agreement."),
    ):
        wrong[name].errors = [sentence]
    return {
        "filled": filled,
        "wrong": wrong,
        "timelines": _timelines(),
        "next_steps": _next_steps(),
        "timeline": _timeline(),
        "tasks": _tasks(),
        "when": WHEN,
        "day": DAY,
        "long_name": LONG_NAME,
        "long_text": LONG_TEXT,
        "status_kinds": ("neutral", "jade", "info", "ok", "warn", "danger", "lotus"),
        "notice_kinds": ("info", "done", "warn", "danger", "lotus"),
    }


def _milestones(steps: tuple[str, ...], present: int, state: str = "current") -> list[dict[str, Any]]:
    whose = ("Mai", "Mai and Saigon Roasters", "Mai", "Linh at Saigon Roasters", "Finance", "Finance")
    return [
        {
            "label": label,
            "state": "done" if position < present else state if position == present else "waiting",
            "date": WHEN if position == present else DAY if position < present else None,
            "who": whose[position] if position == present else None,
        }
        for position, label in enumerate(steps)
    ]


def _timelines() -> list[dict[str, Any]]:
    broken = _milestones(STEPS, 3, "broken")
    broken[3] |= {"who": "Changes were asked for: send a new version"}
    long = _milestones(STEPS_VI, 2)
    long[2] |= {"who": LONG_NAME}
    return [
        {"title": "In review", "milestones": _milestones(STEPS, 3)},
        {"title": "Stopped", "milestones": broken},
        {"title": "Paid", "milestones": _milestones(STEPS, 6)},
        {"title": "Tiếng Việt", "milestones": long},
    ]


def _next_steps() -> list[dict[str, Any]]:
    return [
        {
            "mine": True,
            "who": None,
            "what": "Read the agreement and sign it with your name.",
            "until": WHEN,
            "otherwise": "If you do not sign, the seat becomes free for somebody else.",
        },
        {
            "mine": False,
            "who": "Linh at Saigon Roasters",
            "what": "Linh scores your work criterion by criterion.",
            "until": WHEN,
            "otherwise": "If nothing happens, the full base fee is approved by itself.",
        },
        {"mine": False, "who": None, "what": "Everything is paid.", "until": None, "otherwise": None},
    ]


def _timeline() -> list[dict[str, Any]]:
    return [
        {"when": WHEN, "who": "Linh Trần", "text": "Changes were asked for, round 1 of 2.", "kind": "danger"},
        {"when": WHEN, "who": LONG_NAME, "text": "Version 1 of the work was sent.", "kind": "jade"},
        {
            "when": WHEN,
            "who": "Linh Trần",
            "text": "Linh thanked Mai.",
            "kind": "lotus",
            "quote": "Cảm ơn bạn! Phần phỏng vấn rất kỹ, đọc là hiểu ngay người bán hàng cần gì.",
        },
        {"when": WHEN, "who": None, "text": "The money is secured.", "kind": None},
    ]


def _tasks() -> list[dict[str, Any]]:
    return [
        {"label": "Brief and deliverables", "url": "#tasks", "state": "done", "note": None},
        {"label": "Rubric", "url": "#tasks", "state": "wrong", "note": "The weights sum to 90 %, not 100 %."},
        {"label": "Pay and dates", "url": "#tasks", "state": "todo", "note": None},
    ]
