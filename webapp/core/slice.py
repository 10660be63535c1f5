"""What a feature may declare. Each feature makes one `Slice` in its `slice.py`; app, worker and core read them all.

When a central file would have to be edited for a feature, a field is missing here: add it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Blueprint, Flask, current_app

from webapp.core.database.facts import PersonFact
from webapp.core.lifecycle.guards import Guard, Guards, merged
from webapp.core.live.connections import BoardFeed

Label = Any
"""A lazy translation, or a plain text."""
Notices = Mapping[str, tuple[Label, Label]]
"""By the notice's code: its subject and its sentence."""


@dataclass(frozen=True)
class Labels:
    """The words of a feature's codes.

    `kinds` name what has a state machine; `states` by kind and state; `history` by "kind.move". The sentence of a move
    uses %(who)s only, for the help page tells it of no entry; that of any other entry also its parameters. `reasons` by
    the code of why something ended; `barriers` say why a card cannot be brought into a state, by kind, that state, and
    the state it is in ("" for all others).
    """

    kinds: Mapping[str, Label] = field(default_factory=dict)
    states: Mapping[str, Mapping[str, Label]] = field(default_factory=dict)
    history: Mapping[str, Label] = field(default_factory=dict)
    reasons: Mapping[str, Label] = field(default_factory=dict)
    barriers: Mapping[str, Mapping[str, Mapping[str, Label]]] = field(default_factory=dict)


@dataclass(frozen=True)
class JobHandler:
    """Who does a job. `own_transactions`: it opens them itself, before and after what it asks of a provider.

    `cron` (with seconds last) also starts it by the clock, at most one at a time. Without `retries`, a failure is left
    to the next time: for work that is asked for again anyway, and that may wait in the queue only once.
    """

    work: Callable[..., object]
    own_transactions: bool = False
    cron: str | None = None
    retries: bool = True


@dataclass(frozen=True)
class MenuEntry:
    """One line of the menu. `per_organisation`: one for each organisation of the person, named after it without a label."""

    label: Label
    endpoint: str
    per_organisation: bool = False
    order: int = 50


@dataclass(frozen=True)
class Tab:
    """One part of a row's page. `address` says where it is; None while there is nothing, or nothing for this person."""

    label: Label
    address: Callable[[Any], str | None]
    order: int = 50


@dataclass(frozen=True)
class Slice:
    """One feature, as the app and the worker know it.

    `webhooks` are blueprints whose callers sign instead of carrying a form's token; `development` is not registered
    in production. `on_expiry` and `on_reminder` are what a deadline does, by (kind of row, kind of deadline).
    `events` handle a provider's events by the beginning of the object's id. `hears` answers what a lower feature
    tells or asks, by name. `prune` forgets what has served, once a night; `keeps_files` are the models whose
    `sha256` names a stored file. `roots` are the models that carry a history of their own. `guards` are those of the
    moves that the feature makes, by kind. `person_facts` are read along with who is signed in. `limits` are the tries
    that the feature counts; one that is not declared cannot be counted. `tabs` are the parts that the feature adds to
    the page of a row, by kind.
    """

    name: str
    blueprints: Sequence[Blueprint] = ()
    webhooks: Sequence[Blueprint] = ()
    development: Sequence[Blueprint] = ()
    labels: Labels = field(default_factory=Labels)
    notices: Notices = field(default_factory=dict)
    on_expiry: Mapping[tuple[str, str], Callable[[Any], None]] = field(default_factory=dict)
    on_reminder: Mapping[tuple[str, str], Callable[[Any, int], None]] = field(default_factory=dict)
    jobs: Mapping[str, JobHandler] = field(default_factory=dict)
    events: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    hears: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    feeds: Mapping[str, BoardFeed] = field(default_factory=dict)
    menu: Mapping[str, Sequence[MenuEntry]] = field(default_factory=dict)
    tabs: Mapping[str, Sequence[Tab]] = field(default_factory=dict)
    settings_menu: Sequence[tuple[Label, str, Callable[[Any], bool]]] = ()
    limits: Sequence[Any] = ()
    prune: Sequence[Callable[[], object]] = ()
    keeps_files: Sequence[type[Any]] = ()
    roots: Sequence[type[Any]] = ()
    guards: Mapping[str, Guards] = field(default_factory=dict)
    context: Sequence[Callable[[], dict[str, Any]]] = ()
    person_facts: Mapping[str, PersonFact] = field(default_factory=dict)
    person_model: type[Any] | None = None


class Slices:
    """All features of one app, bottom to top. Raises ValueError where two declare the same name."""

    def __init__(self, slices: Iterable[Slice]) -> None:
        self.all = tuple(slices)
        names = [feature.name for feature in self.all]
        if len(set(names)) != len(names):
            raise ValueError(f"two features have one name: {names}")

    def __iter__(self) -> Iterator[Slice]:
        return iter(self.all)

    def merged(self, attribute: str) -> dict[Any, Any]:
        """One mapping of what all features declare under `attribute`."""
        return self._merged(attribute, lambda feature: feature)

    def _labels(self, attribute: str) -> dict[Any, Any]:
        """The same of their labels."""
        return self._merged(attribute, lambda feature: feature.labels)

    def _merged(self, attribute: str, part_of: Callable[[Slice], object]) -> dict[Any, Any]:
        values: dict[Any, Any] = {}
        for feature in self.all:
            for key, value in getattr(part_of(feature), attribute).items():
                if key in values:
                    raise ValueError(f"{feature.name} declares {attribute} {key!r} a second time")
                values[key] = value
        return values

    @cached_property
    def kinds(self) -> dict[str, Label]:
        return self._labels("kinds")

    @cached_property
    def states(self) -> dict[str, Mapping[str, Label]]:
        return self._labels("states")

    @cached_property
    def history(self) -> dict[str, Label]:
        return self._labels("history")

    @cached_property
    def reasons(self) -> dict[str, Label]:
        return self._labels("reasons")

    @cached_property
    def barriers(self) -> dict[str, Mapping[str, Mapping[str, Label]]]:
        return self._labels("barriers")

    @cached_property
    def guards(self) -> dict[str, dict[str, Guard]]:
        return merged(feature.guards for feature in self.all)

    @cached_property
    def notices(self) -> dict[str, tuple[Label, Label]]:
        return self.merged("notices")

    @cached_property
    def jobs(self) -> dict[str, JobHandler]:
        return self.merged("jobs")

    @cached_property
    def events(self) -> dict[str, Callable[[str], str]]:
        return self.merged("events")

    def tabs_of(self, row: Any) -> list[tuple[Label, str]]:
        """The parts of a row's page that this person may open: label and address, in order."""
        tabs = [tab for feature in self.all for tab in feature.tabs.get(row.kind, ())]
        links = [(tab.label, tab.address(row)) for tab in sorted(tabs, key=lambda tab: tab.order)]
        return [(label, address) for label, address in links if address is not None]

    @cached_property
    def hears(self) -> dict[str, tuple[Callable[..., Any], ...]]:
        handlers: dict[str, tuple[Callable[..., Any], ...]] = {}
        for feature in self.all:
            for name, handler in feature.hears.items():
                handlers[name] = (*handlers.get(name, ()), handler)
        return handlers


def init_slices(app: Flask, slices: Iterable[Slice]) -> Slices:
    """Hang the features on the app; `slices()` finds them there."""
    features = app.extensions["slices"] = Slices(slices)
    return features


def slices() -> Slices:
    """The features of the running app."""
    features: Slices = current_app.extensions["slices"]
    return features


def tell(name: str, *args: object, **kwargs: object) -> list[Any]:
    """Tell higher features what happened below them, or ask them; returns what each that hears it answers.

    The handlers run here and now, in this transaction. A name that nobody declares is a mistake: LookupError.
    """
    heard = slices().hears
    if name not in heard:
        raise LookupError(f"no feature hears {name!r}")
    return [handler(*args, **kwargs) for handler in heard[name]]
