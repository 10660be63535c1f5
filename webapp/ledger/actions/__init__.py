"""What may be written into the books."""
