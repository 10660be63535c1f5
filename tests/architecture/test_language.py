"""Plain English on screen: words that a message must not use, each with the better one, and no glued sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from webapp.core.web.catalogues import ROOT, extract

# What a message must not say (case does not count), and what to write instead.
BETTER = {
    r"\banew\b": "again",
    r"\bpresent password\b": "current password",
    r"\bwho(m)?ever\b": "anyone who, or the person",
    r"\bnobody\b": "no one",
    r"\bsomebody\b": "someone",
    r"\beverybody\b": "everyone",
    r"\bmended\b": "fixed",
    r"\bbeside\b": "next to",
    r"\b(by itself|by themselves)\b": "automatically",
    r"\bsurely\b": "definitely",
    r"\b(take|takes|taken|took) up\b": "reopen",
    r"\btake[sn]? tasks over\b|\btasks over from\b": "copy tasks",
    r"\bspeaks? to you\b": "mentioned you",
    r"\bstands?\b": "is",
    r"\b(go|goes|going|went) on\b": "continue",
    r"\bleave it\b": "cancel",
    r"\byour yes to\b": "accept",
    r"\bneed not\b": "don't have to",
    r"\b(begin|begins|began|begun) (a|an|the|at) (payment|posting|application|stripe)\b": "start",
    r"[,;]\s+else\b": "otherwise",
    r"\be-mail\b": "email",
    r"%\(num\)s things?\b": "name what it is: tasks, applications",
}  # fmt: skip
# A deadline is *by* a time; *until* is for a state that lasts. These last.
LASTS = frozenset(
    {
        "Open for applications until %(when)s",
        "The programme approved “%(title)s”. It takes applications until %(until)s.",
        "You changed your account. To protect your money, no payment to you is approved until %(when)s.",
        "open until %(day)s",
        "“%(title)s” takes applications until %(until)s. You can keep it open longer.",
    }
)
UNTIL = re.compile(r"\buntil(?: the end of)? %\(", re.IGNORECASE)
PHRASE = r"\b(?:_|gettext)\((?:[^()\"]|\"[^\"]*\"|\([^()]*\))*\)\s*\}\}"
# A value: anything but another message, a piece of the page that ui draws, or a number in brackets.
VALUE = r"\{\{-?(?!\s*(?:\"|(?:_|n?gettext)\(|icon\(|ui\.(?!time\(|day\(|money\()))[^{}]*\}\}"
JOINT = r"[\s.,:;–-]*(?:</?(?:strong|b|em|span|code)(?: class=\"(?!visually-hidden|user-text)[^\"]*\")?>\s*)*"
GLUED = re.compile(rf"\{{\{{-?\s*{PHRASE}{JOINT}{VALUE}")
AN_ACCESSIBLE_NAME = re.compile(r"visually-hidden\">[^<]*$")
TEMPLATES = sorted(ROOT.glob("templates/**/*.html"))


def faults_of(message: str) -> Iterator[str]:
    """What is wrong with a message, as sentences with the better word."""
    for pattern, better in BETTER.items():
        if found := re.search(pattern, message, re.IGNORECASE):
            yield f"{message!r} says “{found.group(0)}”; write: {better}"
    if UNTIL.search(message) and message not in LASTS:
        yield f"{message!r} names a deadline with “until”; write: by (or add it to LASTS, if it is a state)"


def glued(template: str) -> Iterator[tuple[int, str]]:
    """(line, snippet) of every phrase that is followed by a value instead of holding it as a placeholder."""
    for found in GLUED.finditer(template):
        if not AN_ACCESSIBLE_NAME.search(template[: found.start()]):
            yield template.count("\n", 0, found.start()) + 1, found.group(0)


def test_messages_are_plain_english() -> None:
    faults = []
    for message in extract():
        for text in message.id if isinstance(message.id, tuple) else (message.id,):
            places = ", ".join(f"{path}:{line}" for path, line in message.locations)
            faults += [f"{places}: {fault}" for fault in faults_of(str(text))]
    assert not faults, "\n".join(faults)


def test_no_sentence_is_glued_from_a_phrase_and_a_value() -> None:
    faults = [
        f"{path.relative_to(ROOT).as_posix()}:{line}: {snippet}: make it one message with a named placeholder"
        for path in TEMPLATES
        for line, snippet in glued(path.read_text("utf-8"))
    ]
    assert not faults, "\n".join(faults)


def test_what_lasts_is_still_said() -> None:
    said = {message.id for message in extract()}
    assert said >= LASTS, f"no longer in the source, so strike it from LASTS: {sorted(LASTS - said)}"


@pytest.mark.parametrize(
    ("message", "better"),
    [
        ("Approve it anew.", "again"),
        ("Enter your present password.", "current password"),
        ("Whoever has the address can read it.", "anyone"),
        ("Nobody of finance has moved it.", "no one"),
        ("Read it, else the match ends.", "otherwise"),
        ("Please review it until %(until)s.", "by"),
    ],
)
def test_a_word_of_the_list_is_found(message: str, better: str) -> None:
    assert [fault for fault in faults_of(message) if f"write: {better}" in fault], message


@pytest.mark.parametrize(
    "message",
    ["Give it to someone else.", "Something else happened.", "It is held until the answer.", "By %(when)s"],
)
def test_plain_words_pass(message: str) -> None:
    assert not list(faults_of(message))


@pytest.mark.parametrize(
    ("template", "is_glued"),
    [
        ('{{ _("Decide until") }} {{ ui.time(at) }}', True),
        ('<strong>{{ _("Until") }}</strong> {{ time(at) }}', True),
        ('{{ _("By %(who)s, until", who=name) }}: <b>{{ at }}</b>', True),
        ('{{ _("Decide by %(when)s.", when=ui.time(at)) }} {{ _("Otherwise it is approved.") }}', False),
        ('{{ _("Expected") }} ({{ expected|length }})', False),
        ('{{ _("Move…") }}<span class="visually-hidden"> {{ title }}</span>', False),
        ('{{ _("Draft") }} {{ ui.button("Save") }}', False),
    ],
)
def test_a_glued_sentence_is_found(template: str, is_glued: bool) -> None:
    assert bool(list(glued(template))) is is_glued
