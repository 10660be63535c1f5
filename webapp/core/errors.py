"""Errors that carry the sentence the user will read, whether the work is safe, and one way on."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

Sentence = Any  # str or a lazy translation


class AppError(Exception):
    """Something a person did or met that cannot be done; shown to them as it is."""

    status = 400
    title: Sentence = _l("That did not work")
    work_is_safe: Sentence = _l("Nothing was changed.")

    def __init__(
        self, sentence: Sentence | None = None, *, way_on: tuple[Sentence, str] | None = None
    ) -> None:
        super().__init__(str(self.__class__.__name__))
        self.sentence: Sentence = sentence if sentence is not None else self.title
        self.way_on = way_on


class BadInput(AppError):
    """The request cannot be read at all."""

    title = _l("We couldn't read that request")


class SignInNeeded(AppError):
    """The page is for signed-in people; what was typed is kept."""

    status = 401
    title = _l("Please sign in")
    work_is_safe = _l("What you typed is kept and will be here after you sign in.")


class ConfirmAgain(AppError):
    """The act needs proof, not older than ten minutes, that this is still the same person."""

    status = 401
    title = _l("Please confirm it's you")


class NotAllowed(AppError):
    """The person may see the thing but not do this to it."""

    status = 403
    title = _l("You don't have permission to do that")


class NotThere(AppError):
    """There is no such thing, or none that this person may see."""

    status = 404
    title = _l("We couldn't find that page")


class Gone(AppError):
    """A link that worked once."""

    status = 410
    title = _l("That link no longer works")


class Stale(AppError):
    """Somebody else changed the thing since this person saw it."""

    status = 409
    title = _l("This has changed since you opened it")

    def __init__(
        self, sentence: Sentence | None = None, *, way_on: tuple[Sentence, str] | None = None
    ) -> None:
        super().__init__(
            _l("Someone changed this in the meantime. Check the latest version, then decide again.")
            if sentence is None
            else sentence,
            way_on=way_on,
        )


class NotNow(AppError):
    """The state of the thing does not allow this move, or a condition is missing."""

    status = 409
    title = _l("That is not possible at this point")


class Invalid(AppError):
    """Input that a form could not know to be wrong; `field` names the field to show it at."""

    status = 422
    title = _l("There is a problem")

    def __init__(self, sentence: Sentence, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class TooMany(AppError):
    """A limit was reached; `retry_after` seconds from now it is open again."""

    status = 429
    title = _l("Too many tries")

    def __init__(self, retry_after: int, sentence: Sentence | None = None) -> None:
        super().__init__(_l("Please wait a little and try again.") if sentence is None else sentence)
        self.retry_after = retry_after


class Busy(AppError):
    """The database could not serve the request in time; the same request may be sent again."""

    status = 503
    title = _l("We're too busy right now")
