"""The one way to Stripe: the gateway, the webhooks, the inbox of events and the poll. It knows nothing of
what money is for; features register what they do with an event.
"""
