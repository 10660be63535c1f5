"""What is due, as a calendar that people's own apps subscribe to under a secret address. Verbs: make
address, end address.
"""
