"""The stand-in under test."""

from tests.ground.stand_in import _stand_in_server, stand_in  # noqa: F401 - fixtures
