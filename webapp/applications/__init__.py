"""What interns send to a posting, how employers choose, and that everybody is answered. Verbs: send,
shortlist, rate, offer, accept, decline, reject, withdraw, release.
"""
