"""The board of an internship: cards, checklists, comments, files, labels, limits, and the live updates of
all of them. Verbs: add, edit, move, undo, tick, comment, copy.
"""
