"""What the slice reviews promises."""
