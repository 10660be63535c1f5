"""People and how they prove who they are: joining, signing in, passwords, settings. Each account has a
history of its own. Verbs: sign up, confirm, change password, close, reopen, make operator.
"""
