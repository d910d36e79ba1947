"""Pages that show."""
