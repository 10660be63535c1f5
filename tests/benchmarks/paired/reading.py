"""Reading in pairs: a board, one card of it, long lists, and an internship with a long history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

from tests.benchmarks import load
from tests.benchmarks.measure import Figures
from tests.benchmarks.paired.rows import Place
from tests.benchmarks.paired.sides import Side, Trial, asking
from tests.benchmarks.paired.table import PairRow, Work, in_turn, pair_row, rows

Request = Callable[[Side], bytes]
PAGES = (
    ("finance's home", "finance", ("/home",)),
    ("finance's queue", "finance", ("/finance",)),
    ("finance's board", "finance", ("/finance/board",)),
    ("employer's home", "owner", ("/home",)),
    ("manager's home", "manager", ("/home",)),
    ("applications", "intern", ("/applications",)),
    ("postings", "intern", ("/postings",)),
)
"""What it is called, who reads it, and where it may be: the first address that is answered with 200 is taken."""


def measure_boards(trial: Trial) -> Iterator[PairRow]:
    """All rows about reading a board."""
    sizes, place = trial.sizes, trial.planted.board
    name = f"board of {place.size:,}, first view"
    yield from trial.measure(
        lambda side: asking(side, board_page(side, place), sizes.requests),
        [("p50", f"{name}, wall p50 c1", "ms"), ("cpu", f"{name}, cpu a request", "ms")],
    )
    yield from trial.measure(
        lambda side: asking(side, board_page(side, place), 2 * sizes.requests, sizes.at_once),
        [("rate", f"{name}, c{sizes.at_once}", "req/s")],
    )
    yield _size(f"{name}, gzip -6", trial, lambda side: board_page(side, place))
    yield from _whole(trial)
    yield from trial.measure(
        lambda side: asking(side, _card(side, place), 2 * sizes.requests),
        [
            ("p50", "one card as a part, wall p50 c1", "ms"),
            ("cpu", "one card as a part, cpu a request", "ms"),
        ],
    )
    yield _size("one card as a part, gzip -6", trial, lambda side: _card(side, place))


def measure_lists(trial: Trial) -> Iterator[PairRow]:
    """Pages of people who have much to do."""
    for name, request in long_pages(trial):
        yield from trial.measure(
            lambda side, request=request: asking(side, request(side), max(2, trial.sizes.requests // 6)),  # type: ignore[misc]
            [("p50", f"{name}, wall p50 c1", "ms"), ("cpu", f"{name}, cpu a request", "ms")],
        )


def long_pages(trial: Trial) -> list[tuple[str, Request]]:
    """What each of the long pages is called, and how it is asked for."""

    def asked(role: str, addresses: tuple[str, ...]) -> Request:
        def request(side: Side) -> bytes:
            visitor = side.visitor(trial.planted.roles[role])
            for address in addresses:
                if load.one(side.port, found := visitor.get(address)).status == 200:
                    return found
            raise LookupError(f"{role} finds none of {', '.join(addresses)}")

        return request

    return [(f"{name} at {trial.sizes.rows:,} rows", asked(role, at)) for name, role, at in PAGES]


def board_page(side: Side, place: Place) -> bytes:
    """How the intern asks for the board."""
    return side.visitor(place.intern).get(place.path)


def measure_history(trial: Trial) -> Iterator[PairRow]:
    """The page of an internship, with few entries of history and with many."""
    few, many = trial.sizes.entries
    short, long = trial.planted.histories[few], trial.planted.histories[many]

    def both(side: Side) -> Work:
        times = max(2, trial.sizes.requests // 4)
        pages = [asking(side, _internship(side, place), times) for place in (short, long)]

        def once() -> Figures:
            one, other = (page() for page in pages)
            return {
                "few": one["p50"],
                "many": other["p50"],
                "cpu": other["cpu"],
                "times": other["p50"] / one["p50"],
            }

        return once

    name = "page of an internship with"
    yield from trial.measure(
        both,
        [
            ("few", f"{name} {few:,} entries of history, wall p50 c1", "ms"),
            ("many", f"{name} {many:,} entries of history, wall p50 c1", "ms"),
            ("cpu", f"{name} {many:,} entries of history, cpu a request", "ms"),
            ("times", f"{name} {many:,} entries against {few:,}, wall", "times"),
        ],
    )
    for entries, place in ((few, short), (many, long)):
        yield _size(
            f"{name} {entries:,} entries of history",
            trial,
            lambda side, place=place: _internship(side, place),  # type: ignore[misc]
            packed=False,
        )


def _whole(trial: Trial) -> Iterator[PairRow]:
    """A page as long as the board, where the build names the length of its pages."""
    place, sizes = trial.planted.whole, trial.sizes
    name = f"whole board of {place.size:,} (length of a page raised)"
    with ExitStack() as ends:
        works: list[Work | None] = []
        for side in (trial.first, trial.other):
            folder = side.build.whole_board()
            if folder is None:
                works.append(None)
                continue
            mine = Side(
                side.build, ends.enter_context(side.build.serve(folder=folder)), side.postmaster, side.people
            )
            shown = mine.visitor(place.intern).open(mine.port, place.path)
            assert len(shown.cards) == place.size, (side.build.name, len(shown.cards))
            works.append(asking(mine, board_page(mine, place), max(2, sizes.requests // 6)))
        works.insert(1, works[0])
        yield from rows(
            in_turn(works, sizes.rounds),
            [("p50", f"{name}, wall p50 c1", "ms"), ("cpu", f"{name}, cpu a request", "ms")],
        )


def _size(name: str, trial: Trial, request: Request, *, packed: bool = True) -> PairRow:
    sizes = []
    for side in trial.sides:
        answer = load.one(side.port, request(side))
        assert answer.status == 200, answer
        sizes.append([float(answer.gzipped if packed else len(answer.body))])
    return pair_row(name, "bytes", *sizes)


def _card(side: Side, place: Place) -> bytes:
    visitor = side.visitor(place.intern)
    shown = visitor.open(side.port, place.path)
    return visitor.get(shown.card_address(shown.cards[0]), htmx=True)


def _internship(side: Side, place: Place) -> bytes:
    """The page that the board's own page calls the internship: the address above the board's."""
    visitor = side.visitor(place.intern)
    above = place.path.rpartition("/")[0]
    shown = visitor.open(side.port, place.path)
    if shown.soup.find("a", href=above) is None:
        raise LookupError(f"{place.path} of {side.build.name} leads to no {above}")
    return visitor.get(above)
