"""What each role sees on its first page, and the shell around every page."""
