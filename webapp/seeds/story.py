"""The story of the demo world, from forty-six days ago until today."""

from __future__ import annotations

from webapp.accounts.actions import accounts as account_actions
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.internships import actions as internship_actions
from webapp.ledger import jobs as ledger_jobs
from webapp.organisations import queries as organisation_queries
from webapp.organisations.actions import registration as organisation_registration
from webapp.postings.actions import moves as posting_moves
from webapp.reviews import actions as review_actions
from webapp.seeds.at_stripe import StripeCast
from webapp.seeds.briefs import BRIEFS
from webapp.seeds.people import BANK_DETAILS, EMPLOYERS, EMPLOYERS_PEOPLE, INTERNS, PROGRAMME, STAFF
from webapp.skills import actions as skill_actions

CANALS, RIVERDATA, PICTUREBOOK, ICONS, TIMETABLES, NIGHTSHIFT, SUBTITLES = BRIEFS
TABLE = "point,lat,lon,kind,amount,access\n" + "".join(
    f"{n},{10.03 + n / 1000:.4f},{105.78 + n / 1500:.4f},plastic,{n % 5 + 1},footpath\n" for n in range(1, 61)
)


class Story(StripeCast):
    """Seven postings, eight interns, every state of an internship, both rails."""

    def tell(self) -> None:
        self.beginnings()
        self.canals()
        self.subtitles()
        self.timetables_and_picture_book()
        self.icons_and_river_data()
        with self.day(0):
            pass
        with unit_of_work():
            ledger_jobs.watch_books()

    def beginnings(self) -> None:
        with self.day(46):
            for character in (*STAFF, *EMPLOYERS_PEOPLE):
                self.joins(character)
            for company in (PROGRAMME, *EMPLOYERS):
                self.registers(company)
        with unit_of_work():
            skill_actions.plant()
            account_actions.make_first_operator(self.who("an"), actor=SYSTEM)  # as `flask setup` does it
            programme = self.org("mekong")
            settings = organisation_queries.settings_of(programme.id)
            rules = organisation_registration.Rules(
                fee_bp=1000,
                currencies=["VND", "USD"],
                pay_floor={"VND": 100_000, "USD": 800},
                approval_needed=False,
                clocks={},
                holidays=list(settings.holidays),
                bank_details=BANK_DETAILS,
                stripe_currencies=["USD"],
                stripe_countries=["GH", "PE", "PH"],
            )
            organisation_registration.change_rules(
                programme, rules, actor=self.who("ha"), version=programme.history_number
            )
        with self.day(45):
            for character in INTERNS:
                self.joins(character, intern=True)

    def canals(self) -> None:
        """Lan is paid; Huy's work was approved by silence and waits for the second person; one seat ended empty."""
        with self.day(44):
            self.publishes("tam", CANALS)
        with self.day(43):
            self.applies("lan", "canals", "I grew up two streets from the Khai Luông canal and know where things are thrown.",
                         "The old market side, and everything south of it.")  # fmt: skip
            self.applies("huy", "canals", "I mapped bus stops for a class last year, with a phone and a spreadsheet.",
                         "Around the university.")  # fmt: skip
            self.applies(
                "maria", "canals", "I would like to learn mapping.", "I have not been to Cần Thơ yet."
            )
        with self.day(42):
            self.shortlists("khanh", "lan", "canals")
            self.shortlists("khanh", "huy", "canals")
            self.rejects("khanh", "maria", "canals", "skills",
                         "The work is on foot in Cần Thơ. Please look at our remote postings.")  # fmt: skip
        with self.day(41):
            self.offers("tam", "lan", "canals", "We liked that you know the place.")
            self.offers("tam", "huy", "canals")
        with self.day(40.5):
            self.accepts("lan", "canals")
            self.accepts("huy", "canals")
            self.signs("lan", "lan", "canals")
            self.signs("huy", "huy", "canals")
        with self.day(40):
            with unit_of_work():
                posting = self.posting("canals")
                posting_moves.close(posting, actor=self.who("tam"), version=posting.version)
            for intern in ("lan", "huy"):
                self.signs("tam", intern, "canals")
                self.transfers("tam", intern, "canals")
        with self.day(39.5):
            self.receives("minh", "lan", "canals", "VCB 40117")
            self.receives("minh", "huy", "canals", "VCB 40118")
        with self.day(38.5):
            self.starts("lan", "canals")
            self.starts("huy", "canals")
            self.moves("lan", "canals", 1, "doing")
        with self.day(30):
            self.moves("lan", "canals", 1, "done")
            self.moves("lan", "canals", 2, "doing")
            self.moves("huy", "canals", 1, "doing")
        with self.day(22):
            self.moves("lan", "canals", 2, "done")
            self.moves("lan", "canals", 3, "doing")
            self.submits("lan", "canals", "Sixty points on three canals. Points 12 and 40 are hard to reach at high water.",
                         {"waste-points.csv": TABLE, "ten-to-clean-first.txt": "12, 40, 7, 3, 22, 31, 45, 50, 58, 60\n"})  # fmt: skip
        with self.day(21):
            self.judges("khanh", "lan", "canals", review_actions.request_changes,
                        [(4, "Well done."), (3, "Point 40 lies in the water."), (2, "Say why each of the ten comes first.")],
                        "Almost there: one sentence a point on the page for volunteers, please.", cited=3)  # fmt: skip
        with self.day(18):
            self.submits("lan", "canals", "Point 40 moved to the bank; the page now says why.",
                         {"waste-points.csv": TABLE.replace("40,", "040,"), "ten-to-clean-first.txt": "12: blocks the sluice …\n"})  # fmt: skip
            self.submits("huy", "canals", "My sixty points.", {"points.csv": TABLE})
        with self.day(16):
            self.judges("khanh", "lan", "canals", review_actions.approve,
                        [(4, "All sixty."), (3, "One of twenty was 30 metres off."), (4, "We start with it on Saturday.")],
                        "Thank you, Lan. Our volunteers will use this for years.",
                        bonus=(300_000, "The page for volunteers is better than what we asked for."))  # fmt: skip
        with self.day(15):
            self.pays("minh", "thu", "lan", "canals", "base", "VCB 41522")
            with unit_of_work():
                internship_actions.accept_result(self.internship("lan", "canals"), actor=self.who("lan"))
        with self.day(13):
            self.pays("thu", "minh", "lan", "canals", "refund", "VCB 41700")
        with self.day(9):
            self.pays("minh", None, "huy", "canals", "base")

    def subtitles(self) -> None:
        """Maria was paid by Stripe; Diego's payment waits for two people of finance."""
        if not self.has_simulator:
            return
        with self.day(8.98):
            self.publishes("eleanor", SUBTITLES)
        with self.day(8.97):
            for intern, pitch in (
                ("maria", "I subtitle my brother's football matches."),
                ("diego", "I watch films without sound."),
            ):
                self.applies(intern, "subtitles", pitch)
                self.offers("eleanor", intern, "subtitles")
                self.accepts(intern, "subtitles")
                self.signs(intern, intern, "subtitles")
                self.signs("eleanor", intern, "subtitles")
                self.pays_in("eleanor", intern, "subtitles")
                self.onboards(intern)
        with self.day(8.95):
            for intern in ("maria", "diego"):
                self.starts(intern, "subtitles")
                self.submits(intern, "subtitles", "Four films, timed to the breath.", {"films.txt": "1\n00:00:01,000 --> 00:00:03,000\nThe lamp is lit.\n"})  # fmt: skip
                self.judges("eleanor", intern, "subtitles", review_actions.approve,
                            [(4, "Every line sits."), (3, "Two lines are long."), (4, "Both languages sing.")], "Thank you.")  # fmt: skip
        with self.day(8.92):
            self.pays_out("minh", "thu", "maria", "subtitles")

    def timetables_and_picture_book(self) -> None:
        """Lan and Priya clean timetables; Amara's proofreading waits for its review."""
        with self.day(8.9):
            self.publishes("jonas", TIMETABLES)
            self.publishes("eleanor", PICTUREBOOK)
        with self.day(8.5):
            self.applies(
                "lan",
                "timetables",
                "After the canals I know how tables go wrong. I write down what I decide.",
            )
            self.applies(
                "priya",
                "timetables",
                "Two years of Python at college, and I like trams.",
                link="https://example.org/priya",
            )
            self.applies("diego", "timetables", "I am learning SQL.")
            self.applies("amara", "picturebook", "I teach children to read in two languages every Saturday.")
            self.applies("thao", "picturebook", "I translate songs for my little sister.")
        with self.day(8):
            for intern in ("lan", "priya"):
                self.shortlists("selin", intern, "timetables")
                self.offers("jonas", intern, "timetables")
            self.offers("eleanor", "amara", "picturebook", "Your Saturday class convinced us.")
            self.rejects(
                "eleanor", "thao", "picturebook", "experience", "It was close. Please apply again in spring."
            )
        with self.day(7.5):
            for intern, owner, posting in (
                ("lan", "jonas", "timetables"),
                ("priya", "jonas", "timetables"),
                ("amara", "eleanor", "picturebook"),
            ):
                self.accepts(intern, posting)
                self.signs(intern, intern, posting)
                self.signs(owner, intern, posting)
                if intern == "amara" and self.has_simulator:
                    self.pays_in(owner, intern, posting)
                    self.onboards(intern)
                else:
                    self.transfers(owner, intern, posting)
        with self.day(7):
            self.rejects(
                "selin", "diego", "timetables", "experience", "Finish your SQL course and write to us."
            )
            for number, (intern, posting) in enumerate(
                (("lan", "timetables"), ("priya", "timetables"), ("amara", "picturebook"))
            ):
                if intern != "amara" or not self.has_simulator:
                    self.receives("thu", intern, posting, f"SWIFT 77{number}01")
        with self.day(3.5):
            for intern, posting in (("lan", "timetables"), ("priya", "timetables"), ("amara", "picturebook")):
                self.starts(intern, posting)
            self.adds(
                "lan",
                "lan",
                "timetables",
                "List the spellings of every stop",
                "Selin says there are two for the harbour.",
            )
            self.adds("selin", "lan", "timetables", "Ask the town about week 13", "Its file is empty.")
            self.moves("lan", "timetables", 4, "doing")
        with self.day(2):
            self.moves("lan", "timetables", 4, "done")
            self.moves("lan", "timetables", 1, "doing")
            self.moves(
                "lan",
                "timetables",
                5,
                "blocked",
                waits_for="selin",
                why="The town has not answered about week 13.",
            )
            self.moves("priya", "timetables", 1, "doing")
        with self.day(1):
            self.submits("amara", "picturebook", "Both languages, read aloud twice to my class. Page 14 made them laugh.",
                         {"ten-that-matter.txt": "1. Spread 4: the rhythm breaks …\n", "marks.csv": "spread,language,mark\n4,vi,rhythm\n"})  # fmt: skip

    def icons_and_river_data(self) -> None:
        """Minh Anh's match waits for its money; two postings are open, one waits for the manager's word."""
        with self.day(0.95):
            self.publishes("eleanor", ICONS)
            self.publishes("tam", RIVERDATA)
        with self.day(0.9):
            self.applies(
                "minhanh",
                "icons",
                "I draw in ink every evening. The well would be my favourite.",
                link="https://example.org/minhanh",
            )
            self.applies("maria", "icons", "I studied graphic design for two years.")
            self.applies("huy", "riverdata", "I can make charts that need no caption.",
                         "Salt stops the roots from drinking. The leaves burn. The farmer loses the season.")  # fmt: skip
            self.applies(
                "thao",
                "riverdata",
                "My family grows rice in Sóc Trăng.",
                "The field turns white, then nothing grows.",
            )
            self.applies(
                "lan", "riverdata", "I would like to write for my own city.", "Roots drink fresh water only."
            )
        with self.day(0.8):
            self.offers("eleanor", "minhanh", "icons")
            self.shortlists("khanh", "thao", "riverdata")
            self.offers(
                "tam", "lan", "riverdata", "Your canal page was so clear that we thought of you at once."
            )
        with self.day(0.7):
            self.accepts("minhanh", "icons")
            self.signs("minhanh", "minhanh", "icons")
            self.signs("eleanor", "minhanh", "icons")
            self.transfers("eleanor", "minhanh", "icons")
            self.offers("eleanor", "maria", "icons")
            self.accepts("maria", "icons")
            self.signs("maria", "maria", "icons")
            self.signs("eleanor", "maria", "icons")
        with self.day(0.5):
            self.writes("jonas", NIGHTSHIFT)
        with unit_of_work():
            posting = self.posting("nightshift")
            posting_moves.propose(posting, actor=self.who("jonas"), version=posting.version)
