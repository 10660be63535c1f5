"""How a version is judged by the rubric, and what that fixes: the amount, the payout, the news for the
intern. Verbs: save, approve, reject, request changes.
"""
