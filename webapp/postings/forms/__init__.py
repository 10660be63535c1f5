"""What may be typed into a posting: its sections, its rows, a rehearsal, a search."""
