"""The verbs of the board: cards, moves, files, limits, copies."""
