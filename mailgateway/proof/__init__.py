"""Whether a mail is its author's: SPF, DKIM, DMARC, ARC, spam marks; and our own signature on what leaves."""
