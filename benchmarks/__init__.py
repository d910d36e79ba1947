"""What it costs: every figure in the documents comes from here. Nothing of the product imports it."""
