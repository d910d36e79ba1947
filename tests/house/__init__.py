"""The house rules as tests: contracts over every file, word, kind and example, so that no rule lives in somebody's memory only."""
