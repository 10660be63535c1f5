"""The people and organisations of the demo world. Invented, every one."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "paper and jade 2026"


@dataclass(frozen=True)
class Character:
    """Somebody of the demo world; `key` is how the story calls them."""

    key: str
    full_name: str
    preferred_name: str
    locale: str
    zone: str
    country: str
    bank: tuple[str, str] | None = None

    @property
    def email(self) -> str:
        return f"{self.key}@demo.example"


INTERNS = (
    Character(
        "lan", "Nguyễn Thị Ngọc Lan", "Lan", "vi", "Asia/Ho_Chi_Minh", "VN", ("Vietcombank", "0071 0012 3456")
    ),
    Character(
        "huy", "Trần Quốc Huy", "Huy", "vi", "Asia/Ho_Chi_Minh", "VN", ("Techcombank", "1903 5567 8901")
    ),
    Character("thao", "Phạm Phương Thảo", "Thảo", "vi", "Asia/Ho_Chi_Minh", "VN", ("BIDV", "5801 0000 1122")),
    Character("minhanh", "Lê Minh Anh", "Minh Anh", "vi", "Asia/Ho_Chi_Minh", "VN", ("ACB", "2468 1357")),
    Character("amara", "Amara Owusu", "Amara", "en", "Africa/Accra", "GH", ("GCB Bank", "1011 1300 4455")),
    Character(
        "priya", "Priya Raman", "Priya", "en", "Asia/Kolkata", "IN", ("State Bank of India", "3055 6677 8899")
    ),
    Character("diego", "Diego Quispe Mamani", "Diego", "en", "America/Lima", "PE"),
    Character("maria", "Maria Santos", "Maria", "en", "Asia/Manila", "PH"),
)
STAFF = (
    Character("ha", "Đỗ Thu Hà", "Hà", "vi", "Asia/Ho_Chi_Minh", "VN"),
    Character("minh", "Vũ Đức Minh", "Minh", "vi", "Asia/Ho_Chi_Minh", "VN"),
    Character("thu", "Hoàng Anh Thư", "Thư", "vi", "Asia/Ho_Chi_Minh", "VN"),
    Character("quang", "Bùi Nhật Quang", "Quang", "vi", "Asia/Ho_Chi_Minh", "VN"),
    Character("an", "An Whitfield", "An", "en", "Europe/London", "GB"),
)
EMPLOYERS_PEOPLE = (
    Character("tam", "Võ Minh Tâm", "Tâm", "vi", "Asia/Ho_Chi_Minh", "VN"),
    Character("khanh", "Ngô Bảo Khánh", "Khánh", "vi", "Asia/Ho_Chi_Minh", "VN"),
    Character("eleanor", "Eleanor Hughes", "Eleanor", "en", "Europe/London", "GB"),
    Character("jonas", "Jonas Weidner", "Jonas", "en", "Europe/Berlin", "DE"),
    Character("selin", "Selin Aydın", "Selin", "en", "Europe/Berlin", "DE"),
)


@dataclass(frozen=True)
class Company:
    """An organisation of the demo world, and who holds which role in it."""

    key: str
    kind: str
    name: str
    about: str
    website: str
    country: str
    zone: str
    roles: tuple[tuple[str, str], ...]


PROGRAMME = Company(
    "mekong",
    "programme",
    "Mekong First Work",
    "A programme of three universities in the Mekong delta. It opens the working world to young people by what "
    "they can do, and keeps their money safe until the work is reviewed.",
    "https://mekong.example",
    "VN",
    "Asia/Ho_Chi_Minh",
    (("ha", "manager"), ("minh", "finance"), ("thu", "finance"), ("quang", "mentor")),
)
EMPLOYERS = (
    Company(
        "songxanh",
        "employer",
        "Sông Xanh",
        "Twelve people in Cần Thơ who keep the canals alive: we measure water, map waste and publish what we find.",
        "https://songxanh.example",
        "VN",
        "Asia/Ho_Chi_Minh",
        (("tam", "owner"), ("khanh", "reviewer")),
    ),
    Company(
        "lantern",
        "employer",
        "Lantern Books",
        "A small publisher of picture books in two languages, in London and Hội An.",
        "https://lantern.example",
        "GB",
        "Europe/London",
        (("eleanor", "owner"),),
    ),
    Company(
        "tramway",
        "employer",
        "Tramway Analytics",
        "We help towns run their trams on time. Six analysts, open data, no slides.",
        "https://tramway.example",
        "DE",
        "Europe/Berlin",
        (("jonas", "owner"), ("selin", "reviewer")),
    ),
)
DEMO_ROLES = {
    "intern": "lan",
    "intern_by_stripe": "maria",
    "employer_owner": "tam",
    "employer_by_stripe": "eleanor",
    "employer_reviewer": "khanh",
    "finance": "minh",
    "finance_second": "thu",
    "programme_manager": "ha",
    "mentor": "quang",
    "operator": "an",
}
BANK_DETAILS = {
    "VND": [
        "Account holder: Mekong First Work",
        "Bank: Vietcombank, Cần Thơ branch",
        "Account: 0111 0099 8877",
    ],
    "USD": [
        "Account holder: Mekong First Work",
        "Bank: Vietcombank, Cần Thơ branch",
        "Account: 0111 3700 1122",
        "SWIFT: DEMOVNVX",
    ],
}
