"""Whose turn it is, the page of one internship, and the pipelines."""
