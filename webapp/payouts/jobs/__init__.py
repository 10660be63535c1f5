"""Background work on money. Each may run twice, or be killed."""
