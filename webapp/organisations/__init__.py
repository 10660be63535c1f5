"""Employers and programmes, who belongs to them in which role, and a programme's rules. Verbs: register,
invite, accept, change role, end membership, change rules.
"""
