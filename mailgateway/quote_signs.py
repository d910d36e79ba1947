"""The signs by which quoted history, forwards and signatures are known, in twelve languages; each test looks at a bounded piece of text.

Knows single lines and headings only; what is done with them stands in quotes.py.
"""

from __future__ import annotations

import re

MAX_HEADING = 400
MAX_HEADING_LINES = 4

# Words that say "wrote", as mail programs put them into the line above a quote.
_WROTE = (
    "wrote",
    "writes",
    "said",
    "schrieb",
    "geschrieben",
    "a écrit",
    "écrit",
    "schreef",
    "geschreven",
    "skrev",
    "skrifaði",
    "pisze",
    "napisał",
    "napisała",
    "napisał(a)",
    "napisal",
    "ha scritto",
    "scrive",
    "escribió",
    "escribio",
    "escreveu",
    "написал",
    "написала",
    "написал(а)",
    "пишет",
    "書きました",
    "のメール",
    "のメッセージ",
)
# First words of such lines, in the same languages.
_OPENINGS = ("on ", "am ", "le ", "op ", "den ", "w dniu ", "dnia ", "il ", "il giorno ", "el ", "em ", "a ", "kl ", "на ")
_WEEKDAY = re.compile(
    r"(mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|man|tir|ons|tor|tors|"
    r"fre|lör|lør|sön|søn|mån|tis|pon|wt|śr|czw|pt|sob|nie|"
    r"gio|dom|mié|jue|vie|sáb|seg|ter|qua|qui|sex|пн|вт|ср|чт|пт|сб|вс)[a-zа-яäöåøéáçęśńł-]{0,12}[.,]? ",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}|\b(?:19|20)\d\d\b|\d{4}年")
_ADDRESS = re.compile(r"[^\s<>]@[^\s<>]")
_DATE_NAME_ADDRESS = re.compile(r"(?:19|20)\d\d[-/.年].{0,200}<[^<>\s]{1,320}>:?$")

_LABELS = {
    "from": ("from", "von", "de", "van", "fra", "från", "od", "da", "差出人", "от", "från", "lähettäjä"),
    "sent": (
        *("sent", "sent at", "date", "gesendet", "datum", "envoyé", "envoyé le", "date d'envoi", "verzonden", "sendt", "dato", "skickat"),
        *("wysłano", "data", "送信日時", "日付", "inviato", "enviado", "enviado el", "enviada em", "fecha", "отправлено", "дата"),
    ),
    "to": ("to", "an", "à", "aan", "til", "till", "do", "宛先", "a", "para", "кому"),
    "subject": ("subject", "betreff", "objet", "onderwerp", "emne", "ämne", "temat", "件名", "oggetto", "asunto", "assunto", "тема"),
    "cc": ("cc", "kopie", "copie", "kopi", "kopia", "dw", "copia", "копия", "reply-to", "importance", "priority", "attachments"),
}
_LABEL_OF = {word: label for label, words in _LABELS.items() for word in words}

_ORIGINAL = re.compile(
    r"[-_* ]{3,}\s?(?:original message|original appointment|ursprüngliche nachricht|originalnachricht|message d'origine|message original|"
    r"oorspronkelijk bericht|oprindelig (?:meddelelse|besked)|opprinnelig melding|ursprungligt meddelande|"
    r"originalmeddelande|wiadomość oryginalna|"
    r"oryginalna wiadomość|元のメッセージ|messaggio originale|mensaje original|mensagem original|исходное сообщение)\s?[-_* ]{3,}$"
    r"|original message processed by ",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"(?:[-_* ]{2,}\s?(?:forwarded message|weitergeleitete nachricht|message transféré|"
    r"doorgestuurd bericht|videresendt (?:besked|meddelelse)|"
    r"vidarebefordrat meddelande|wiadomość przekazana|przekazana wiadomość|転送メッセージ|messaggio inoltrato|"
    r"mensaje reenviado|mensagem encaminhada|"
    r"пересылаемое сообщение|пересланное сообщение)\b.{0,60}|(?:begin forwarded message|"
    r"anfang der weitergeleiteten nachricht|début du message réexpédié|"
    r"début du message transféré|begin doorgestuurd bericht|start på videresendt besked|vidarebefordrat brev|"
    r"inizio messaggio inoltrato|inicio del mensaje reenviado|início da mensagem encaminhada|начало переадресованного сообщения):?)$",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"(?:sent from|sent with|sent via|get outlook for|von meinem .{1,40} gesendet|gesendet (?:von|mit)|"
    r"diese nachricht wurde von meinem|envoyé (?:de|depuis) mon|"
    r"verstuurd vanaf|verzonden vanaf|sendt fra|skickat från|wysłane z|wysłano z|inviato da|enviado desde|"
    r"enviado do|enviado de|отправлено (?:с|из)|"
    r"outlook für .{1,20} beziehen|télécharger outlook pour)\b|.{1,30}から送信$",
    re.IGNORECASE,
)
_RULE = re.compile(r"[_\-=*]{5,}$|_{3,}$")
_NAME_SIGN = re.compile(r"[-–—]{1,2} ?[^\W\d_][^\d@:;,?!]{0,40}$")


def is_attribution(heading: str) -> bool:
    """Whether "On <date>, <somebody> wrote:" stands here; `heading` is one line, or several joined, at most MAX_HEADING long."""
    text = " ".join(heading.replace("\u202f", " ").replace("\xa0", " ").strip("*_ ").split())
    if not 6 <= len(text) <= MAX_HEADING:
        return False
    low = text.lower()
    closed = low.endswith((":", "："))
    ending = low.rstrip(":： ").rstrip("*_ ")
    if not closed:
        return bool(_DATE_NAME_ADDRESS.match(low))
    wrote = ending.endswith(_WROTE) or any(f" {word} " in f" {ending} " for word in _WROTE)
    addressed = bool(_ADDRESS.search(low))
    dated = bool(_CLOCK.search(low))
    opened = low.startswith(_OPENINGS) or bool(_WEEKDAY.match(low)) or bool(_DIGIT.match(low))
    if wrote:
        return (
            (opened and bool(_DIGIT.search(low)) and (dated or addressed))
            or (addressed and ending.endswith(_WROTE))
            or (addressed and dated)
        )
    # Programs of Japan, Russia and others put date, name and address with a bare colon.
    return bool(_DIGIT.match(low) or _WEEKDAY.match(low)) and dated and addressed and low.rstrip(":： ").endswith(">")


def may_attribute(line: str) -> bool:
    """A cheap look whether an attribution can begin at this line."""
    low = line[:80].strip("*_ \t").lower()
    return bool(low) and (
        low.startswith(_OPENINGS)
        or bool(_WEEKDAY.match(low))
        or bool(_DIGIT.match(low))
        or "<" in line[:MAX_HEADING]
        or "@" in line[:MAX_HEADING]
    )


def may_end_attribution(line: str) -> bool:
    """Whether an attribution can end with this line."""
    return line.rstrip("*_ \t\xa0").endswith((":", "：", ">"))


def wrote_alone(line: str) -> bool:
    """ "Dave Tapley wrote:" with no date and no address; counts only when a quoted line follows."""
    low = line.strip().lower().rstrip(" ")
    return len(low) <= 120 and low.endswith((":", "：")) and low.rstrip(":： ").endswith(_WROTE)


def label_of(line: str) -> str:
    """from | sent | to | subject | cc when the line looks like one of the header lines which programs copy into replies, else ""."""
    text = line.strip().lstrip("*> ")[:60]
    word, colon, _ = text.replace("：", ":").partition(":")
    return _LABEL_OF.get(word.strip("* \xa0").lower(), "") if colon else ""


def is_original_line(line: str) -> bool:
    """ "-----Original Message-----" in one of the languages."""
    return len(line) <= 200 and bool(_ORIGINAL.match(line.strip()))


def is_forward_line(line: str) -> bool:
    """ "---------- Forwarded message ----------" and the like."""
    return len(line) <= 200 and bool(_FORWARD.match(line.strip().strip("*")))


def is_rule(line: str) -> bool:
    """A line of underscores, dashes or equal signs."""
    text = line.strip()
    return len(text) <= 200 and bool(_RULE.match(text))


def is_device_line(line: str) -> bool:
    """ "Sent from my telephone": short, and not a sentence somebody wrote."""
    text = line.strip().strip("*_")
    return (
        len(text) <= 120 and "," not in text and not text.endswith((".", "!", "?")) and len(text.split()) <= 9 and bool(_DEVICE.match(text))
    )


def is_name_sign(line: str) -> bool:
    """ "-Nadia Lang" as the last line; names begin with a capital and are short."""
    text = line.strip()
    if len(text) > 60 or not _NAME_SIGN.match(text):
        return False
    words = text.lstrip("-–— ").split()
    return 1 <= len(words) <= 4 and words[0][0].isupper() and words[-1][0].isupper()
