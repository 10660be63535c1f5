"""Whose turn it is with one thing, by when, and what happens otherwise; the page of an internship and the
pipelines, which both need that answer. It changes nothing but the start of the work.
"""
