"""Where interns want their money: a bank account, or an account at Stripe, and whether it can receive.
Verbs: add method, begin onboarding, update account.
"""
