"""Who may do what: a row for every endpoint; whoever is not named meets what the row's last word says.

`ok`: the door is open (what is typed may still be wrong). `no`: they see the thing, but never do this (403).
Everybody else who is signed in finds nothing (404), or, where `seen` is set, is told no (403).
Who is not signed in is sent to the sign-in page, unless the door is `public`.
"""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE = (
    "anonymous",
    "intern",
    "stranger",
    "owner",
    "reviewer",
    "dual",
    "self",
    "rival",
    "finance",
    "second",
    "manager",
    "mentor",
    "operator",
    "former",
)
SIGNED_IN = " ".join(PEOPLE[1:])
MEMBERS = "owner reviewer dual self"
PROGRAMME = "finance second manager mentor"
AROUND = f"intern {MEMBERS} {PROGRAMME} operator"
"""Everybody who may see an internship: `self` is the intern of their own and belongs to its employer."""
FINANCE = "finance second"
INTERNS = "intern stranger dual self"


@dataclass(frozen=True)
class Row:
    """One endpoint: the scene it is played in, and who meets what."""

    at: str = ""
    ok: str = ""
    no: str = ""
    seen: bool = False
    public: bool = False
    nobody: bool = False

    def expected(self, person: str) -> str:
        """`ok`, `sign-in`, `403` or `404`."""
        if self.nobody:
            return "404"
        if self.public:
            return "ok"
        if person == "anonymous":
            return "sign-in"
        if person in self.ok.split():
            return "ok"
        return "403" if self.seen or person in self.no.split() else "404"


def anyone(at: str = "") -> Row:
    return Row(at, public=True)


def signed_in(at: str = "") -> Row:
    return Row(at, ok=SIGNED_IN)


def only(ok: str, at: str = "") -> Row:
    """A page without a thing: everybody else is told no."""
    return Row(at, ok=ok, seen=True)


def of(at: str, ok: str, among: str = AROUND) -> Row:
    """A thing that `among` may see, and `ok` may use."""
    return Row(at, ok=ok, no=among)


JUDGES = "owner reviewer dual"
SEES_APPLICATION = "intern owner reviewer dual self manager operator"
SEES_EMPLOYER = f"{MEMBERS} manager operator"
BOARD = "intern self owner reviewer dual mentor"
KEEPERS = "finance second manager operator"

MATRIX: dict[str, Row] = {
    # accounts
    "accounts.join_intern": anyone(),
    "accounts.create_intern": anyone(),
    "accounts.mail_sent": anyone(),
    "accounts.confirmation": anyone("confirm"),
    "accounts.confirm": anyone("confirm"),
    "accounts.sign_in": anyone(),
    "accounts.begin_session": anyone(),
    "accounts.begin_demo_session": Row(nobody=True),  # only a demo has these one-click people
    "accounts.sign_out": anyone(),
    "accounts.prove_again": signed_in(),
    "accounts.renew_proof": signed_in(),
    "accounts.forgotten": anyone(),
    "accounts.ask_reset": anyone(),
    "accounts.reset_sent": anyone(),
    "accounts.new_password": anyone("reset"),
    "accounts.set_password": anyone("reset"),
    "accounts.settings": signed_in(),
    "accounts.change_settings": signed_in(),
    "accounts.password": signed_in(),
    "accounts.change_password": signed_in(),
    "accounts.language": anyone(),
    "accounts.theme": anyone(),
    "accounts.people": only("operator"),
    "accounts.account_history": of("person", "operator", "operator"),
    "accounts.deactivate": of("person", "operator", "operator"),
    "accounts.reactivate": of("gone", "operator", "operator"),
    "accounts.make_operator": of("person", "operator", "operator"),
    # postings
    "postings.browse": anyone(),
    "postings.show": anyone("posting"),
    "postings.rehearsal": anyone("posting"),
    "postings.of_organisation": of("employer", MEMBERS, MEMBERS),
    "postings.new": of("employer", "owner", MEMBERS),
    "postings.create": of("employer", "owner", MEMBERS),
    "postings.edit": of("draft", "owner", MEMBERS),
    "postings.edit_section": of("draft", "owner", MEMBERS),
    "postings.save_section": of("draft", "owner", MEMBERS),
    "postings.publish": of("draft", "owner", MEMBERS),
    "postings.propose": of("draft", "owner", MEMBERS),
    "postings.approvals": only("manager"),
    "postings.approval": of("proposed", "manager", MEMBERS),
    "postings.approve": of("proposed", "manager", MEMBERS),
    "postings.send_back": of("proposed", "manager", MEMBERS),
    "postings.close": only("owner", "posting"),
    "postings.renew": only("owner", "posting"),
    "postings.reopen": only("owner", "posting"),
    # applications
    "applications.begin": only("intern stranger", "posting"),
    "applications.mine": signed_in(),
    "applications.show": of("applied_application", SEES_APPLICATION, SEES_APPLICATION),
    "applications.edit": of("draft_application", "intern self", ""),
    "applications.write": of("draft_application", "intern self", ""),
    "applications.check": of("draft_application", "intern self", ""),
    "applications.send": of("draft_application", "intern", "self"),
    "applications.withdraw": of("applied_application", "intern self", SEES_APPLICATION),
    "applications.undo_withdraw": of("applied_application", "intern", SEES_APPLICATION),
    "applications.answer": of("offered_application", "intern self", SEES_APPLICATION),
    "applications.accept": of("offered_application", "intern", SEES_APPLICATION),
    "applications.decline": of("offered_application", "intern self", SEES_APPLICATION),
    "applications.of_posting": only(f"{MEMBERS} manager operator", "posting"),
    "applications.reject_many": only(MEMBERS, "posting"),
    "applications.rate": of("applied_application", JUDGES, SEES_APPLICATION),
    "applications.shortlist": of("applied_application", JUDGES, SEES_APPLICATION),
    "applications.unshortlist": of("applied_application", JUDGES, SEES_APPLICATION),
    "applications.rejection": of("applied_application", JUDGES, SEES_APPLICATION),
    "applications.reject": of("applied_application", JUDGES, SEES_APPLICATION),
    "applications.offering": of("applied_application", "owner", SEES_APPLICATION),
    "applications.offer": of("applied_application", "owner", SEES_APPLICATION),
    # endings
    "endings.posting": only("owner", "posting"),
    "endings.cancel_posting": only("owner", "posting"),
    "endings.seat": of("matched", "owner"),
    "endings.cancel_seat": of("matched", "owner"),
    # internships and their page
    "internships.agreement": of("matched", AROUND),
    "internships.document": of("matched", AROUND),
    "internships.sign": of("matched", "intern self owner"),
    "next_steps.show": of("working", AROUND),
    "next_steps.start": of("matched", "intern self"),
    "next_steps.pipeline": only(f"{MEMBERS} operator", "employer"),
    "next_steps.stream": only(f"{MEMBERS} operator", "employer"),
    "next_steps.since": only(f"{MEMBERS} operator", "employer"),
    "next_steps.card": of("working", f"{MEMBERS} {PROGRAMME} operator"),
    "next_steps.sheet": of("working", MEMBERS),
    "next_steps.move": of("working", MEMBERS),
    "next_steps.of_organisation": only(f"{MEMBERS} operator", "employer"),
    # money
    "fundings.funding": of("matched", AROUND),
    "fundings.expected": of("matched", f"{FINANCE} manager operator"),
    "fundings.begin": of("matched", "owner"),
    "fundings.record_receipt": of("matched", FINANCE),
    "fundings.checkout": of("matched", "owner"),
    "recipients.onboard": only(INTERNS),
    "recipients.read_account": only(INTERNS),
    "payouts.attempt": of("attempt", KEEPERS, KEEPERS),
    "payouts.look_again": of("attempt", FINANCE, KEEPERS),
    "payouts.declare_absent": of("attempt", FINANCE, KEEPERS),
    "stripe_webhooks.receive": anyone("webhook"),
    "stripe.connection": only("operator"),
    "payouts.queue": only(f"{FINANCE} operator"),
    "payouts.board": only(f"{FINANCE} operator"),
    "payouts.board_live": only(f"{FINANCE} operator"),
    "payouts.board_since": only(f"{FINANCE} operator"),
    "payouts.card": of("due", KEEPERS, KEEPERS),
    "payouts.sheet": of("due", FINANCE, KEEPERS),
    "payouts.move": of("due", FINANCE, KEEPERS),
    "payouts.payout": of("due", KEEPERS, KEEPERS),
    "payouts.approve": of("due", FINANCE, KEEPERS),
    "payouts.release": of("due", FINANCE, KEEPERS),
    "payouts.confirm": of("due", FINANCE, KEEPERS),
    "payouts.fail": of("due", FINANCE, KEEPERS),
    "payouts.hold": of("due", FINANCE, KEEPERS),
    "payouts.pay_by_bank": of("due", FINANCE, KEEPERS),
    "payouts.unhold": of("due", FINANCE, KEEPERS),
    "payouts.ledger": only(f"{FINANCE} operator"),
    "payouts.check_books": only(f"{FINANCE} operator"),
    "payouts.account": only(f"{FINANCE} operator", "account"),
    "recipients.method": only(INTERNS),
    "recipients.add_method": only(INTERNS),
    "payouts.earnings": only(INTERNS),
    # board
    "tasks.mine": only(INTERNS),
    "tasks.live_own": only(INTERNS),
    "tasks.since_own": only(INTERNS),
    "tasks.board": of("working", AROUND),
    "tasks.add_check": of("working", BOARD),
    "tasks.tick": of("checked", BOARD),
    "tasks.say": of("working", BOARD),
    "tasks.add_files": of("working", BOARD),
    "tasks.file": of("working", AROUND),
    "tasks.remove_file": of("working", "intern self"),
    "tasks.limits": of("working", BOARD),
    "tasks.set_limits": of("working", BOARD),
    "tasks.copying": of("working", BOARD),
    "tasks.copy": of("working", BOARD),
    "tasks.undo": of("moved", "intern self"),
    "tasks.live": of("working", AROUND),
    "tasks.since": of("working", AROUND),
    "tasks.card": of("working", AROUND),
    "tasks.add": of("working", BOARD),
    "tasks.show": of("working", AROUND),
    "tasks.edit": of("working", BOARD),
    "tasks.save": of("working", BOARD),
    "tasks.sheet": of("working", BOARD),
    "tasks.move": of("working", BOARD),
    # work and reviews
    "submissions.draft": of("working", "intern self"),
    "submissions.change": of("working", "intern self"),
    "submissions.autosave": of("working", "intern self"),
    "submissions.show": of("submitted", AROUND),
    "submissions.recall": of("submitted", "intern self"),
    "submissions.file": of("submitted", AROUND),
    "reviews.edit": of("submitted", JUDGES),
    "reviews.score": of("submitted", JUDGES),
    "reviews.autosave": of("submitted", JUDGES),
    "reviews.save": of("submitted", JUDGES),
    "reviews.check_approval": of("submitted", JUDGES),
    "reviews.approve": of("submitted", JUDGES),
    "reviews.check_changes": of("submitted", JUDGES),
    "reviews.request_changes": of("submitted", JUDGES),
    "reviews.check_rejection": of("submitted", JUDGES),
    "reviews.reject": of("submitted", JUDGES),
    "reviews.extend": of("submitted", JUDGES),
    "reviews.result": of("due", AROUND),
    "reviews.accept_result": of("due", "intern self"),
    # organisations
    "organisations.join": anyone(),
    "organisations.join_employer": anyone(),
    "organisations.create_employer": anyone(),
    "organisations.show": signed_in("employer"),  # its profile; people and history are for those inside
    "organisations.profile": of("employer", "owner operator", SEES_EMPLOYER),
    "organisations.describe": of("employer", "owner operator", SEES_EMPLOYER),
    "organisations.settings": of("programme", "manager operator", PROGRAMME),
    "organisations.change_settings": of("programme", "manager operator", PROGRAMME),
    "organisations.invite": of("employer", "owner operator", SEES_EMPLOYER),
    "organisations.revoke": of("employer", "owner operator", SEES_EMPLOYER),
    "organisations.change_role": of("employer", "owner operator", SEES_EMPLOYER),
    "organisations.end_membership": of("employer", "owner operator reviewer", SEES_EMPLOYER),
    "organisations.invitation": anyone("invited"),
    "organisations.accept": only("stranger", "invited"),  # the invitation is for their address
    "organisations.join_invited": anyone("invited"),
    "organisations.everyone": only("operator"),
    "organisations.new_programme": only("operator"),
    "organisations.register_programme": only("operator"),
    "organisations.leaving": signed_in(),
    "organisations.leave": signed_in(),
    # home
    "dashboards.landing": anyone(),
    "dashboards.help": anyone(),
    "dashboards.today": signed_in(),
    "dashboards.fold": signed_in(),
    "dashboards.switch_role": signed_in(),
    # calendars
    "calendars.show": signed_in(),
    "calendars.make_address": signed_in(),
    "calendars.remove_address": signed_in(),
    "calendars.read": anyone("feed"),  # whoever knows the address
    # inbox
    "notifications.inbox": signed_in(),
    "notifications.mark_all_read": signed_in(),
    "notifications.mark_read": of("notice", "intern self", ""),
    "notifications.visit": of("notice", "intern self", ""),
    # health, pages for those who develop, and files
    "health.alive": anyone(),
    "health.ready": anyone(),
    "development.mails": anyone(),
    "development.mail": anyone("mail"),
    "development.styleguide": anyone(),
    "assets.file": Row("asset", nobody=True),  # only hashed names are served
}
