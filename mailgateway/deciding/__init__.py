"""The steps by which a mail comes to its conversation; `mailgateway.sorting` takes them in order."""
