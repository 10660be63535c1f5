"""The verbs of organisations: how they come to be, and who belongs to them."""
