"""What someone may do: one file per verb, one button each."""
