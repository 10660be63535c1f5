"""What of the money somebody may see, where it goes, and when it comes."""
