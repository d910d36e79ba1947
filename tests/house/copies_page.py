"""The second half of docs/privacy.md: every place besides the events that keeps content, and how erasure reaches it.

The places themselves are asked: one that registers itself and is not explained here fails the test of the page.
"""

from __future__ import annotations

HEAD = """
## Every copy, and how erasure reaches it

Content is crossed out in one transaction with the event that says so; whatever keeps a copy is told right after its commit, again and
again until it has forgotten (`chat/ledger/copies.py`), so a process that dies in between leaves nothing behind. What goes with a field:

* later entries of the record, and of the same customer's other records, that repeat its words: their fields go as a whole;
* the raw mail it came in, the mail it went out in, and every later mail of the record that repeats its words, whatever they are wrapped
  in;
* the file, unless another entry has the same one.

A quotation is found by its lines and sentences of 24 characters and more, by the whole text from 12 on, and by addresses and long numbers
in it. Shorter words that somebody repeats, and paraphrases, are not: cross them out by naming their entry.

| place | what it keeps | how it goes |
|---|---|---|
"""

IN_THE_TRANSACTION = {
    "events": (
        "the fields themselves",
        "value and salt become NULL in the transaction; the digest stays, and the database lets nothing else be changed",
    ),
    "conversation": ("names, address, subject, last words of each record", "folded again from what is left, in the transaction"),
    "attachments": ("which entry has which file", "the row goes in the transaction"),
    "search index": (
        "the words of the entries, and the list of all words",
        "in the transaction; FTS5 and GIN are merged or made anew afterwards",
    ),
    "the engine's own files": (
        "what rows said before",
        "within ten minutes. SQLite: overwritten, VACUUM, and the log is cut; PostgreSQL: VACUUM",
    ),
}
PLACES = {
    "answers that wait": ("what an agent has sent and can still take back, for some seconds", "the row goes at the end of the record"),
    "links": ("which person may open a record", "the row goes at the end of the record; a link of an erased person is cancelled at once"),
    "local mailbox": ("mails of ours where no relay is set", "those about an entry that lost something, and those that repeat it"),
    "mail as it came": ("the raw mail with its envelope", "row and file go"),
    "mail on its way": ("deliveries that were not carried yet", "the row goes: nothing is mailed any more"),
    "prepared archives": ("archives that were asked for, for some hours", "every file that holds the record goes"),
    "uploads": ("files that were sent, for a day", "the row goes, and the file if nothing else refers to it"),
    "who took part, and outside names": (
        "references, and digests of Message-IDs",
        "at the end of the record; they name nobody by themselves",
    ),
}
AFTERWARDS = {
    "blob store": ("files, raw mails, recordings, named by their digests", "a file goes once no entry, mail or upload refers to it"),
    "tables of people": (
        "name, addresses, browser of a person, and whether mail to an address is paused",
        "emptied when the person is erased, or the last of their records is",
    ),
    "sessions": ("the address that a code was mailed to", "ended when the person is erased"),
    "mails that reached no record": ("set aside, or automatic", "those from or to an address of an erased person"),
    "journal of erasures": (
        "places, seals, references",
        "stays: it holds no content, and takes what a restored backup brings back out again",
    ),
    "logs, metrics": ("numbers and references", "hold no bodies and no addresses"),
    "backups": ("everything, as it was", "restore reads the journal before anything is served; keep backups no longer than you promise to"),
    "the customer's own copies": ("mails and saved transcripts", "are theirs; we cannot reach them"),
}

TAIL = """
## Who may have something erased

* **The customer**, at any time, on the page of the record: with a fresh code from their mailbox (without an address: in the browser that
  chatted). They are told by mail, have seven days to take it back, and then everything personal of the record goes. A team lead may
  refuse on a ground that the law knows; the customer reads it.
* **The team**, before the 180 days are over: one proposes (a field, a file, all of one person, or the whole record) with ground and
  reason, and a second one, a team lead or administrator with another account, agrees. Both sides read in the record that it was done, by
  whom and on what ground.
* **Administrators** find a person under *Settings, People*: everything about them in one archive (GDPR Art. 15 and 20), and erasing them
  from all records (Art. 17), again with a second one. `throughline person export` and `throughline person erase` do the same where no
  page can be reached.
* A **hold** stops all of it, and its ground is told. At the end of its time a record is crossed out by itself.

A correction is a crossing out and a new line: nothing is ever overwritten.

## Numbers that are never kept

Card numbers (13 to 19 digits with a right check digit, with spaces or hyphens, apart from longer runs of digits) and whatever else the
site describes are masked before anything is stored: in what is written in the chat and the inbox, and in subject and text of mails. The
entry shows it as `[card number masked, ends 4242]`; after a mail a line says so, and the raw mail is kept with the numbers masked, under
a header line of its own (its DKIM signature was looked at before). On by default, switched under *Settings*. **Attached files are not
looked through.**
"""


def copies_section() -> str:
    from chat.ledger import copies

    told = {name: PLACES[name] for name in copies.places()}
    rows = [f"| {name} | {keeps} | {goes} |" for table in (IN_THE_TRANSACTION, told, AFTERWARDS) for name, (keeps, goes) in table.items()]
    return HEAD + "\n".join(rows) + "\n" + TAIL
