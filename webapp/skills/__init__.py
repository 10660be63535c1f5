"""The list of skills that postings ask for and interns find work by."""
