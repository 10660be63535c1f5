from __future__ import annotations

import psycopg
import pytest

from tests.ground.postgres import TestServer


@pytest.mark.parametrize("role", ["stint_owner", "stint_app"])
def test_both_roles_connect_without_a_password(test_server: TestServer, role: str) -> None:
    with psycopg.connect(test_server.url(role, "stint")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (role,)
