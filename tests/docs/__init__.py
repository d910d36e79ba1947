"""What the pages of docs/ say, held to the code."""
