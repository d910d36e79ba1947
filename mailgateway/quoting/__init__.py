"""What is said now and what is history, by words and by HTML. Pure, and linear in the text."""
