"""E-mail, in and out: the only part of the house that knows SMTP. It registers its channel, its pages and its checks with chat.

In: `smtpd`, `imap` and `webhooks` take a mail, `inbound` makes it durable, `intake` has it read by `parser`, judged by `automatic` and
`proof.evidence`, split by `quotes`, and brought to its conversation by `thread` and `sorting`. Out: `courier` has a letter written by
`sending.writing` and `compose`, and hands it to the relay by `send`. Each has its parts in a room of the same subject below.

Nothing may be imported here: the parser's subprocess starts without Django.
"""
