"""The spine: one seat of a posting from posted to paid, its agreement and both signatures. Verbs: match,
sign, start, submit, fix result, settle, unmatch, cancel.
"""
