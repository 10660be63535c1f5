"""The life of a card on the internship's board; the board never moves the internship by itself."""

from enum import StrEnum

from workflows.machine import Law, Move


class State(StrEnum):
    TODO = "todo"
    DOING = "doing"
    BLOCKED = "blocked"
    DONE = "done"


LAW = Law(
    "task",
    State,
    initial=State.TODO,
    moves=(
        Move("start", (State.TODO,), State.DOING, ("intern",)),
        Move("finish", (State.DOING,), State.DONE, ("intern",)),
        Move("block", (State.TODO, State.DOING), State.BLOCKED, ("intern",)),
        # Also the person who is waited for; the policy knows who that is.
        Move("unblock", (State.BLOCKED,), State.DOING, ("intern", "reviewer", "owner", "programme_manager")),
        Move("reopen", (State.DONE,), State.DOING, ("intern",)),
        Move("put_back", (State.DOING,), State.TODO, ("intern",)),
    ),
    resting=(State.DONE,),
)
