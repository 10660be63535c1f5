"""Versions of the work, which never change once they are handed in. Verbs: save, submit, recall, begin
next.
"""
