"""Other ways in than SMTP: a mailbox elsewhere, and providers that post."""
