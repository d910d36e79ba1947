"""Words of the line above a quote ("On Tuesday Tom wrote:") in some forty languages; data alone, one row for each language.

Knows no rule: what a line must hold to be taken for such a line is said in quote_signs.py.
"""

from __future__ import annotations

# How mail programs say "wrote". One word each: these may stand anywhere in the line; what has several words stands below.
WROTE = (
    *("wrote", "writes"),
    *("schrieb", "schreibt", "geschrieben"),
    *("écrit", "ecrit"),
    *("schreef", "geschreven", "schryf"),
    *("skrev", "skrifaði"),
    *("kirjoitti", "kirjutas", "rakstīja", "rašė"),
    *("pisze", "napisał", "napisana", "napisała", "napisal", "napisala"),
    *("napsal", "napsala", "napísal", "napísala", "napisao", "piše", "пише", "пишет"),
    *("написал", "написала", "написав", "написа", "написао", "піша", "напісаў"),
    *("írta", "scris"),
    *("scritto", "scrive", "escribió", "escribio", "escreveu", "escribiu", "escriure", "escrigué", "idatzi"),
    *("έγραψε", "yazdı", "yazmış", "yazıb", "shkroi", "scríobh", "ysgrifennodd"),
    *("menulis", "viết", "sumulat", "aliandika"),
    *("כתב", "כתבה", "كتب", "كتبت", "نوشت", "लिखा"),
)
# Several words, or a script without spaces: these count at the end of the line, or before a name.
WROTE_PHRASES = (
    *("het volgende geschreven", "napisał(a)", "написал(а)", "написав(ла)", "написав(-ла)", "napsal(a)", "napísal(a)", "napisal(a)"),
    *(
        "napisao/la je",
        "napisao/la",
        "написао/ла",
        "napisao je",
        "napisala je",
        "је написао/ла",
        "је написао",
        "је написала",
        "je napisao/la",
        "je napisao",
        "je napisala",
    ),
    *("şunu yazdı", "şunları yazdı", "ezt írta", "a écrit", "a scris", "ha scritto", "va escriure", "đã viết", "đã viết"),
    *("כתב/ה", "כתב‏/ה", "كتب/كتبت", "تمت كتابة ما يلي بواسطة", "ने लिखा", "เขียนว่า", "เขียน"),
    *(
        "写道",
        "寫道",
        "写到",
        "来信",
        "書きました",
        "のメール",
        "のメッセージ",
        "さんは書きました",
        "님이 작성",
        "님이 씀",
        "작성",
        "님의 말",
        "쓴 글",
        "작성한 글",
    ),
)
# Those with which somebody speaks of themselves; a quote must follow these lines, or they are speech.
SPEAKERS = frozenset(
    {
        *("i", "we", "you", "they", "ich", "wir", "ihr", "sie", "nous", "vous", "ik", "wij", "jullie", "jeg", "jag", "vi", "du", "ni"),
        *("minä", "me", "io", "noi", "yo", "nosotros", "eu", "nós", "vocês", "ja", "my", "já", "я", "мы", "вы", "ми", "ви", "ben", "biz"),
    }
)
# First words of such lines; each is followed by a date.
OPENINGS = (
    *("on ", "at ", "am ", "an ", "le ", "op ", "den ", "kl ", "il giorno ", "il ", "el ", "el dia ", "em ", "a ", "o ", "no dia "),
    *("w dniu ", "dnia ", "dne ", "dňa ", "dana ", "v ", "u ", "na ", "на ", "в ", "у ", "дана ", "data ", "datë "),
    *("pe ", "în ", "in data ", "la ", "στις ", "ngày ", "vào ", "lúc ", "pada ", "noong ", "kuupäev: ", "kuupäeval ", "pirm", "dia "),
    *("בתאריך ", "ב-", "ב ", "في ", "در ", "เมื่อ ", "ในวันที่ ", "วันที่ ", "在 ", "在", "于 ", "於 ", "missatge de ", "mensaje de "),
    *("ymm. ", "ar ", "dé ", "gesendet am ", "tarihinde ", "deň ", "með ", "þann ", "hari "),
)
# Days as mail programs shorten them; only the beginning of a word is compared.
WEEKDAYS = (
    *("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    *("mo", "di", "mi", "do", "fr", "sa", "so"),
    *("lun", "mar", "mer", "jeu", "ven", "sam", "dim", "ma", "wo", "vr", "za", "zo"),
    *("man", "tir", "ons", "tor", "lör", "lør", "sön", "søn", "mån", "tis", "ti", "ke", "pe", "la", "su", "esmas", "teisi"),
    *(
        "pon",
        "wt",
        "wto",
        "śr",
        "czw",
        "pt",
        "sob",
        "nie",
        "út",
        "po",
        "st",
        "čt",
        "pá",
        "ut",
        "št",
        "pi",
        "ne",
        "sre",
        "srij",
        "uto",
        "čet",
        "pet",
        "tor",
    ),
    *("gio", "dom", "mié", "mie", "jue", "vie", "sáb", "seg", "ter", "qua", "qui", "sex", "dl", "dt", "dc", "dj", "dv", "ds", "dg"),
    *("hét", "hé", "ked", "sze", "csü", "pén", "szo", "vas", "joi", "vin", "luni", "marți", "mie", "otrd", "trešd", "antr"),
    *("пн", "вт", "ср", "чт", "пт", "сб", "вс", "нд", "пон", "уто", "сре", "чет", "пет", "суб", "нед"),
    *("δευ", "τρί", "τετ", "πέμ", "παρ", "σάβ", "κυρ", "pzt", "sal", "çar", "per", "cum", "cmt", "paz"),
    *(
        "יום",
        "الأحد",
        "الاثنين",
        "الثلاثاء",
        "الأربعاء",
        "الخميس",
        "الجمعة",
        "السبت",
        "sen",
        "sel",
        "rab",
        "kam",
        "jum",
        "sab",
        "min",
        "thứ",
        "th ",
    ),
    *("星期", "周", "週", "월", "화", "수", "목", "금", "토", "일", "सोम", "मंगल", "बुध", "गुरु", "शुक्र", "शनि", "रवि"),
)
