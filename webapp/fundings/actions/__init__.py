"""The verbs of money in: bank transfers and Stripe's pages."""
