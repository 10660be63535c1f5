"""The one place where a state machine is made: what may follow what, and nothing else.

A `Law` says which moves exist between the states of one kind of thing, which kinds of person may ever
make them and which clocks run meanwhile. Whether *this* person may make a move is a policy, what else happens
is an action; neither lives here. There is one `transitions.Machine` per kind of thing, built at import and
shared by all threads: it holds no rows, no conditions and no callbacks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from transitions import Machine, MachineError
from transitions.extensions.diagrams import GraphMachine

Kind = Literal[
    "intern",
    "owner",
    "reviewer",
    "programme_manager",
    "finance",
    "finance_second",
    "timer",
    "system",
]


class IllegalMove(Exception):
    """The move does not leave this state, or the machine knows no such move."""

    def __init__(self, machine: str, state: str, move: str) -> None:
        super().__init__(f"{machine}: no move {move!r} from state {state!r}")
        self.machine = machine
        self.state = state
        self.move = move


@dataclass(frozen=True)
class Move:
    """A named step from one of `sources` to `target`, open to the kinds of person in `by`.

    "timer" means a deadline that passed, "system" for a move that follows from another one.
    `narrowed` names the states from which fewer kinds may make the move than `by` says.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    by: tuple[Kind, ...]
    narrowed: Mapping[str, tuple[Kind, ...]] = field(default_factory=dict, compare=False)

    def by_from(self, state: str) -> tuple[Kind, ...]:
        """The kinds of person who may make this move out of `state`."""
        if state not in self.sources:
            return ()
        return self.narrowed.get(state, self.by)


@dataclass(frozen=True)
class Clock:
    """A deadline of `kind` that runs while the thing is in `state`, and the move it fires.

    `fires` is None for a clock that does not move this thing: it wakes somebody or starts another thing.
    A kind declared for several states is one clock: a move between those states keeps its due instant.
    """

    kind: str
    state: str
    fires: str | None


class Law:
    """What may follow what for one kind of thing.

    `terminal` are the states that no move leaves. `resting`, which contains them, are the states in which
    nobody is awaited, though a move may still lead out. `creation` is the move's name in the history row with
    which a thing begins its life in `initial`. `while_frozen` are the only moves that a frozen thing can make.
    """

    def __init__(
        self,
        name: str,
        states: Iterable[str],
        *,
        initial: str,
        moves: Iterable[Move],
        clocks: Iterable[Clock] = (),
        resting: Iterable[str] = (),
        creation: str = "create",
        while_frozen: Iterable[str] = (),
    ) -> None:
        self.name = name
        self.states: tuple[str, ...] = tuple(str(state) for state in states)
        self.initial = str(initial)
        self.creation = creation
        self.while_frozen = frozenset(while_frozen)
        declared = [_plain(move) for move in moves]
        self.moves: Mapping[str, Move] = MappingProxyType({move.name: move for move in declared})
        if len(self.moves) != len(declared):
            raise ValueError(f"{name}: two moves bear the same name")
        self.clocks: tuple[Clock, ...] = tuple(replace(clock, state=str(clock.state)) for clock in clocks)
        self._moves_from = {
            state: tuple(move.name for move in declared if state in move.sources) for state in self.states
        }
        self._clocks_in = {
            state: tuple(clock for clock in self.clocks if clock.state == state) for state in self.states
        }
        self.terminal: frozenset[str] = frozenset(s for s in self.states if not self._moves_from[s])
        self.resting: frozenset[str] = self.terminal | {str(state) for state in resting}
        self._check()
        self._targets: dict[tuple[str, str], str] = {}
        self._machine = Machine(
            model=None,
            states=list(self.states),
            transitions=_transitions(declared),
            initial=self.initial,
            auto_transitions=False,
            send_event=False,
            ignore_invalid_triggers=False,
        )

    def _check(self) -> None:
        """A move to nowhere, or a clock that cannot fire, would strand somebody: refuse to be written so."""
        for move in self.moves.values():
            if not {*move.sources, move.target, *move.narrowed} <= set(self.states):
                raise ValueError(f"{self.name}: {move.name} touches an unknown state")
        for clock in self.clocks:
            if clock.state not in self.states:
                raise ValueError(f"{self.name}: clock {clock.kind} runs in unknown state {clock.state}")
            fired = self.moves.get(clock.fires) if clock.fires is not None else None
            if clock.fires is not None and (fired is None or "timer" not in fired.by_from(clock.state)):
                raise ValueError(f"{self.name}: no timer may {clock.fires} from {clock.state}")

    def target(self, state: str, move: str) -> str:
        """The state that `move` leads to from `state`; raises `IllegalMove`. Asked of the machine once a process."""
        if (state, move) not in self._targets:
            self._targets[state, move] = self._travel(state, move)
        return self._targets[state, move]

    def _travel(self, state: str, move: str) -> str:
        event = self._machine.events.get(move)
        if event is None or state not in self.states:
            raise IllegalMove(self.name, state, move)
        # Never registered with the machine, which would keep it alive for ever.
        traveller = _Traveller(str(state))
        try:
            event.trigger(traveller)
        except MachineError as refused:
            raise IllegalMove(self.name, state, move) from refused
        return traveller.state

    def moves_from(self, state: str) -> tuple[str, ...]:
        """The names of the moves that leave `state`, in the order of the law."""
        return self._moves_from.get(state, ())

    def clocks_in(self, state: str) -> tuple[Clock, ...]:
        """The clocks that may run in `state`; those with a condition run only while it holds."""
        return self._clocks_in.get(state, ())

    def mermaid(self) -> str:
        """The machine as a Mermaid state diagram, drawn by the machine itself.

        Only the arrows are kept: the library's fixed colours cannot be read on a dark page.
        """
        drawing = GraphMachine(
            model=_Traveller(self.initial),
            states=list(self.states),
            transitions=_transitions(self.moves.values()),
            initial=self.initial,
            auto_transitions=False,
            graph_engine="mermaid",
        ).get_graph()
        arrows = [line.strip() for line in drawing.source.splitlines() if "-->" in line]
        arrows.sort(key=lambda arrow: not arrow.startswith("[*]"))
        ends = [f"{state} --> [*]" for state in self.states if state in self.terminal]
        return "\n".join(["stateDiagram-v2", *(f"    {arrow}" for arrow in [*arrows, *ends])])


class _Traveller:
    """The throw-away thing that an event is fired on."""

    def __init__(self, state: str) -> None:
        self.state = state


def _plain(move: Move) -> Move:
    """The same move with bare strings: `transitions` and drivers treat enum members in ways of their own."""
    return replace(
        move,
        sources=tuple(str(source) for source in move.sources),
        target=str(move.target),
        narrowed=MappingProxyType({str(state): kinds for state, kinds in move.narrowed.items()}),
    )


def _transitions(moves: Iterable[Move]) -> list[dict[str, str | list[str]]]:
    return [{"trigger": move.name, "source": list(move.sources), "dest": move.target} for move in moves]
