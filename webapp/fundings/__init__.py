"""Money in: what a payer is asked for, by bank or on Stripe's page, and what has arrived. What no match
needs goes back. Verbs: request, record receipt, record charge, refund match.
"""
