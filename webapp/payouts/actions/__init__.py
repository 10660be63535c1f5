"""The verbs of money out: two people, one sending, what falls due."""
