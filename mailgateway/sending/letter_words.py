"""Our own words in mails, by language: English words are the keys. A language added here and in `chat.transcripts.language` is written.

Knows no letter: which language a letter has is the business of `tongue`.
"""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH = "en"

_GERMAN = {
    " by {day}": " bis {day}",
    "A colleague": "Ein Kollege",
    "Answer this e-mail at any time to open it again.": "Antworten Sie jederzeit auf diese E-Mail, um sie wieder zu öffnen.",
    "Final decision": "Endgültige Entscheidung",
    "Go on in the chat": "Im Chat weitermachen",
    "If you disagree:": "Wenn Sie nicht einverstanden sind:",
    "Just answer this e-mail, or go on in the chat:": "Antworten Sie einfach auf diese E-Mail, oder machen Sie im Chat weiter:",
    "Just answer this e-mail.": "Antworten Sie einfach auf diese E-Mail.",
    "Kept for you, not sent with this e-mail:": "Für Sie aufbewahrt, nicht mitgeschickt:",
    "Kept until {day} or longer.": "Aufbewahrt bis {day} oder länger.",
    "Open or save my full record": "Meine ganze Akte öffnen oder sichern",
    "Outcome: {outcome}": "Ergebnis: {outcome}",
    "PROMISED TO YOU": "IHNEN ZUGESAGT",
    "Promised: {text}{due}": "Zugesagt: {text}{due}",
    "Reason: {reason}": "Grund: {reason}",
    "Reasons": "Gründe",
    "Reference {case}.": "Vorgang {case}.",
    "The links are only for you.": "Die Links sind nur für Sie.",
    "No images, no tracking: this e-mail loads nothing.": "Keine Bilder, keine Verfolgung: Diese E-Mail lädt nichts nach.",
    "This was not me": "Das war ich nicht",
    "This was written in the chat after you left.": "Das wurde im Chat geschrieben, nachdem Sie gegangen waren.",
    "To add something, just answer this e-mail.": "Um etwas hinzuzufügen, antworten Sie einfach auf diese E-Mail.",
    "WHO LOOKS AFTER YOU": "WER SICH UM SIE KÜMMERT",
    "We have closed this conversation.": "Wir haben diese Unterhaltung geschlossen.",
    "We keep the record of {case} until {day}. Then everything that was said in it is removed for good, with its files.": (
        "Wir bewahren die Akte zu {case} bis {day} auf. Dann wird alles, was darin gesagt wurde, mit den Dateien endgültig entfernt."
    ),
    "If you want to keep it, open your record before that day: save it there, or choose to have it kept longer.": (
        "Wenn Sie sie behalten möchten, öffnen Sie Ihre Akte vor diesem Tag: Sichern Sie sie dort, oder lassen Sie sie länger aufbewahren."
    ),
    "What we said last": "Was zuletzt gesagt wurde",
    "You asked for a link to your record. It opens everything that was said and done here: read it, save it in any form, pass it on.": (
        "Sie haben um einen Link zu Ihrer Akte gebeten. Er öffnet alles, was hier gesagt und getan wurde: "
        "Lesen Sie es, sichern Sie es in jeder Form, geben Sie es weiter."
    ),
    "You asked to go on by e-mail. Our answers come to this address from now on, and the chat stays open.": (
        "Sie möchten per E-Mail weitermachen. Unsere Antworten kommen von nun an an diese Adresse, und der Chat bleibt offen."
    ),
    "You did not write to us? This was not me:": "Sie haben uns nicht geschrieben? Das war ich nicht:",
    "Your conversation with {site}": "Ihre Unterhaltung mit {site}",
    "Your e-mail has arrived and is kept under the number {case}. A person will read it and answer you here.": (
        "Ihre E-Mail ist angekommen und wird unter der Nummer {case} aufbewahrt. Ein Mensch wird sie lesen und Ihnen hier antworten."
    ),
    "Your full record (chat, e-mails, calls, log), to read or save:": (
        "Ihre ganze Akte (Chat, E-Mails, Anrufe, Protokoll) zum Lesen und Sichern:"
    ),
    "assistant": "Assistent",
    "by e-mail": "per E-Mail",
    "by phone": "am Telefon",
    "in chat": "im Chat",
    "promised by {name}": "zugesagt von {name}",
    "promised by {name}; now in the hands of {other}": "zugesagt von {name}; jetzt in den Händen von {other}",
    "{name} will go on with you by e-mail. The chat stays open.": "{name} macht mit Ihnen per E-Mail weiter. Der Chat bleibt offen.",
    "We will go on with you by e-mail. The chat stays open.": "Wir machen mit Ihnen per E-Mail weiter. Der Chat bleibt offen.",
    "{name} asked {other} to take over. Our promises to you stay.": (
        "{name} hat {other} gebeten zu übernehmen. Was wir Ihnen zugesagt haben, gilt weiter."
    ),
    "{name} passed you to {other}.": "{name} hat Sie an {other} übergeben.",
}
WORDS: Mapping[str, Mapping[str, str]] = {ENGLISH: {}, "de": _GERMAN}


def say(language: str, text: str, /, **values: object) -> str:
    """English words in a language, with values in their `{places}`; what a catalogue lacks stays English."""
    text = WORDS.get(language, {}).get(text, text)
    return text.format_map(values) if values else text
