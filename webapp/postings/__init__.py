"""Work on offer: the brief, its deliverables, its priced rubric and its terms. Verbs: write, publish,
propose, approve, send back, close, reopen, cancel.
"""
