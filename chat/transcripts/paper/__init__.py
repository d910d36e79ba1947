"""Setting a transcript on paper: the template, its fonts, and the process that sets it. Knows no conversation."""
