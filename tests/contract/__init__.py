"""The Stripe simulator, held to Stripe's own description of its interface."""
