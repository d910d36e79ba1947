"""The mail room: a mirror of mailgateway/."""
