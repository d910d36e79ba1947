"""One file per download format, each over the ledger's read()."""
