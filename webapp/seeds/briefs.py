"""The postings of the demo world, written as their employers would."""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = (
    "Missing, or not usable.",
    "Begun; large parts are missing or wrong.",
    "Usable after we rework it.",
    "Good; small corrections are left.",
    "Ready to use as it is.",
)


@dataclass(frozen=True)
class Brief:
    """A posting; amounts in minor units, days counted from the day it is published."""

    key: str
    employer: str
    title: str
    brief: str
    deliverables: tuple[tuple[str, str], ...]
    criteria: tuple[tuple[str, int, tuple[str, ...]], ...]
    skills: tuple[str, ...]
    hours: int
    currency: str
    base: int
    guaranteed: int
    bonus_pot: int
    seats: int
    starts_in: int
    lasts: int
    place_kind: str = "remote"
    place: str = ""
    ai_policy: str = "declared"
    ai_note: str = ""
    questions: tuple[str, ...] = ()


BRIEFS = (
    Brief(
        "canals",
        "songxanh",
        "Map sixty waste points along the canals of Ninh Kiều",
        "Rubbish that lies on a canal bank in the dry season floats in the river in the wet one. We want to know where it "
        "lies before the rain comes.\n\nWalk three canals with your phone, note sixty points with a photo each, and put "
        "them into one table that our volunteers can work from. We give you the list of canals, a short form for each "
        "point, and an hour with Khánh at the start. You choose your own days; early mornings are best.",
        (
            ("Table of sixty points", "One row a point: coordinates, kind of waste, amount, access, date."),
            ("Sixty photos", "One a point, named by its number. No faces."),
            ("One page for volunteers", "Which ten points to clean first, and why."),
        ),
        (
            ("Complete: sixty points on three canals", 4000, LEVELS),
            (
                "Correct: points lie where the table says",
                3500,
                (
                    "Points cannot be found.",
                    "Fewer than half are within 20 metres.",
                    "Most are within 20 metres.",
                    "All but a few are within 20 metres.",
                    "Every point we check is within 20 metres.",
                ),
            ),
            ("Useful: volunteers can start from the page", 2500, LEVELS),
        ),
        ("field-research", "data-entry", "gis"),
        24,
        "VND",
        3_600_000,
        1_200_000,
        600_000,
        3,
        5,
        21,
        "hybrid",
        "Cần Thơ, Ninh Kiều district",
        questions=("Which part of the city do you know best?",),
    ),
    Brief(
        "riverdata",
        "songxanh",
        "Explain a year of river data on two pages anyone can read",
        "We have measured oxygen, salt and temperature at nine bridges for a year. The numbers are good. Nobody reads "
        "them.\n\nTake our table, find the two or three things that a family living by the river should know, and "
        "explain them on two pages in Vietnamese, with charts that need no caption. Khánh answers questions every "
        "afternoon. We will print five hundred copies with your name on them.",
        (
            ("Two pages in Vietnamese", "A4, ready to print, as PDF and as an editable file."),
            (
                "The charts and how they were made",
                "Spreadsheet or notebook, so that we can repeat it next year.",
            ),
        ),
        (
            ("True to the data", 4000, LEVELS),
            ("Clear to somebody who left school at fifteen", 4000, LEVELS),
            ("Repeatable next year", 2000, LEVELS),
        ),
        ("data-analysis", "data-visualisation", "vietnamese"),
        20,
        "VND",
        3_000_000,
        1_000_000,
        400_000,
        2,
        12,
        21,
        questions=("Explain in three sentences what salt in a river does to a rice field.",),
    ),
    Brief(
        "picturebook",
        "lantern",
        "Proofread a picture book in Vietnamese and English, line against line",
        "“The Night Market Cat” goes to print in spring. It has 32 spreads with one Vietnamese and one English line "
        "each. They were translated by two people who never met.\n\nRead both against each other: tone marks, rhythm when "
        "read aloud to a child, and whether both children would laugh at the same place. Mark what is wrong, propose what is "
        "better, and leave alone what is merely different.",
        (
            ("Marked-up manuscript", "Comments in the PDF, both languages."),
            ("List of the ten that matter most", "With a proposal for each."),
        ),
        (
            ("Nothing is overlooked", 5000, LEVELS),
            ("Proposals sound right when read aloud", 3500, LEVELS),
            ("Restraint: what is fine stays", 1500, LEVELS),
        ),
        ("translation", "vietnamese", "english"),
        18,
        "USD",
        28_000,
        9_000,
        4_000,
        1,
        5,
        14,
        ai_policy="forbidden",
        ai_note="Proofreading is the point. Please no tools beyond a dictionary.",
    ),
    Brief(
        "icons",
        "lantern",
        "Draw eight chapter icons in one ink line",
        "Eight short chapters, eight small drawings: a lantern, a boat, a bowl, a bicycle, a kite, a well, a fan, a key. "
        "One colour, one line weight, readable at ten millimetres.\n\nWe send you the typeface and two pages of the layout. "
        "Two rounds of sketches, then the final files.",
        (
            ("Sketches of all eight", "On paper is fine, photographed."),
            ("Final icons", "SVG and PDF, one file each, outlines joined."),
        ),
        (
            ("One family: they belong together", 4000, LEVELS),
            ("Readable at ten millimetres", 4000, LEVELS),
            ("Clean files", 2000, LEVELS),
        ),
        ("illustration", "graphic-design"),
        22,
        "USD",
        32_000,
        10_000,
        5_000,
        2,
        9,
        20,
        ai_policy="forbidden",
        ai_note="Drawn by hand, please.",
    ),
    Brief(
        "timetables",
        "tramway",
        "Clean a year of tram timetables into one tidy table",
        "A town gave us 52 weekly spreadsheets, each a little different: merged cells, two spellings of one stop, summer "
        "time twice.\n\nBring them into one table with one row a departure, write down every decision you took, and show us five "
        "weeks that we can check by hand. Any tool you like; we read Python and SQL.",
        (
            ("One tidy table", "CSV, one row a departure, with a page that explains the columns."),
            ("The script or steps", "We can run them again on week 53."),
            ("Log of decisions", "What was unclear, and what you chose."),
        ),
        (
            ("Correct in the five weeks we check", 5000, LEVELS),
            ("Repeatable on week 53", 3000, LEVELS),
            ("Decisions are written down", 2000, LEVELS),
        ),
        ("spreadsheets", "python", "sql"),
        30,
        "USD",
        45_000,
        15_000,
        6_000,
        2,
        6,
        18,
        ai_policy="free",
    ),
    Brief(
        "nightshift",
        "tramway",
        "Interview eight night-shift tram drivers about their breaks",
        "Night drivers tell us that the timetable leaves no time for a toilet. We believe them, and we want to hear it in "
        "their words.\n\nCall eight drivers (we arrange the numbers and pay their time), ask our six questions, and write down "
        "what they say. Names stay with you.",
        (
            ("Eight interviews, written down", "In the driver's words, without names."),
            ("Two pages of what they share", "With three sentences we may quote."),
        ),
        (
            ("Eight full interviews", 5000, LEVELS),
            ("Faithful to what was said", 3000, LEVELS),
            ("Clear summary", 2000, LEVELS),
        ),
        ("interviewing", "journalism"),
        40,
        "USD",
        16_000,
        8_000,
        0,
        1,
        14,
        28,
    ),
    Brief(
        "subtitles",
        "lantern",
        "Subtitle four short films in English and Tagalog or Spanish",
        "Four films of three minutes, made by children, without subtitles. Grandparents abroad want to follow them.\n\n"
        "Write what is said, translate it, and time it so that nobody has to hurry. We send you the films and one "
        "example. Ask us about every word that you cannot hear.",
        (
            ("Subtitles of four films", "SRT files, two languages each."),
            ("List of doubts", "What you could not hear, with its minute."),
        ),
        (
            ("In time: nobody has to hurry", 4000, LEVELS),
            ("True to what is said", 3500, LEVELS),
            ("Reads well in both languages", 2500, LEVELS),
        ),
        ("translation", "english"),
        12,
        "USD",
        18_000,
        6_000,
        2_000,
        2,
        0,
        10,
        ai_policy="declared",
        ai_note="Machine drafts are fine; say where.",
    ),
)
