"""The two resources that most of the suite asks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.conftest import Stripe


@pytest.fixture
def sessions(them: Stripe) -> Any:
    return them.client.v1.checkout.sessions


@pytest.fixture
def transfers(them: Stripe) -> Any:
    return them.client.v1.transfers
