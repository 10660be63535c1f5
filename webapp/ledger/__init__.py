"""The books: accounts, journals, entries in two columns, and the checks that they add up. Nothing else
writes them. Verbs: one for each event of money, such as receiving a funding or confirming a transfer.
"""
