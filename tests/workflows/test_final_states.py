"""What is over stays over."""

from __future__ import annotations

import pytest

from workflows import LAWS
from workflows.machine import IllegalMove


@pytest.mark.parametrize("state", ["paid", "cancelled"])
@pytest.mark.parametrize("move", LAWS["internship"].moves)
def test_no_move_leads_out_of_an_internship_that_is_over(state: str, move: str) -> None:
    with pytest.raises(IllegalMove):
        LAWS["internship"].target(state, move)
