"""What the boards show, and what hangs on a card."""
