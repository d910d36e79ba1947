"""The one Django app. Rooms by direction: in, ledger, out."""
