"""From an event to a letter, and from the letter to the relay."""
