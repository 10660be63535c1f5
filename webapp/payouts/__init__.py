"""Money out: approved by one person of finance, released by a second, sent once whatever crashes, and
confirmed. Verbs: approve, release, confirm, fail, hold, unhold, block, pay by bank.
"""
