"""The way there and back by which a set-up proves itself."""
