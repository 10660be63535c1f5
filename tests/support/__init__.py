"""What the tests stand on: a real database, the application over it, a served copy, a browser."""
