"""What the slice tasks promises."""
