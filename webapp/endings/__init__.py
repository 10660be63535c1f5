"""How a match or a seat ends before its result: unmatched, cancelled, ended early, and who gets what then.
Verbs: unmatch, cancel seat, cancel posting, end early.
"""
