"""The page on which a browser checks a saved file by itself."""
