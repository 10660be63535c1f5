"""The Stripe stand-in, held to Stripe's own description of its interface."""
