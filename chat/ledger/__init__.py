"""The heart: the append-only store of conversations. Knows no channel, no page and no e-mail."""
