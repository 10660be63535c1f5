"""What is read of postings: themselves and whose turn it is, the search for open ones, and what they would pay."""
