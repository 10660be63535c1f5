"""What the slice submissions promises."""
