"""What people see of the gateway itself: the local mailbox, the quarantine, what waits, a mail as it was sent."""
