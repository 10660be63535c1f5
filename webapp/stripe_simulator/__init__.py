"""A Stripe simulator: another company's system, played on this machine, that no real money passes through.

It speaks the part of Stripe's HTTP interface that Stint uses, keeps its own books in its own schema, sends its
own signed webhooks, and fails on command. It imports nothing of ours, and nothing of ours imports it.
"""
