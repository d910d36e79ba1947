"""How mail programs quote in many languages: lines above quotes, copied headers, telephones' lines; each as the program writes it.

Knows nothing of the code under test.
"""

from __future__ import annotations

ADDRESS = "tom@shop.example"

# language: what Gmail, Apple's program, Thunderbird and others write above a quote.
ATTRIBUTIONS: dict[str, tuple[str, ...]] = {
    "en": (
        "On Tue, 3 Mar 2026 at 10:12, Tom Reed <tom@shop.example> wrote:",
        "On Mar 3, 2026, at 10:12 AM, Tom Reed <tom@shop.example> wrote:",
        "On 3/3/26 10:12, Tom Reed wrote:",
        "On Tuesday, March 3rd, 2026 at 10:12, Tom Reed <tom@shop.example> wrote:",
        "On Tuesday, March 3, 2026 at 10:12:13 AM GMT+1, Tom Reed <tom@shop.example> wrote:",
        "On Tue, 3 Mar 2026 10:12:13 +0100\nTom Reed <tom@shop.example> wrote:",
        "On 3 March 2026 10:12:13 CET, Tom Reed <tom@shop.example> wrote:",
        "On Tue, 3 Mar 2026 at 10:12, Tom Reed\n<support+aeaaaaaaaaaaabiaaaaaciaaaaadgx7gtog7p@shop.example> wrote:",
        "On 3 Mar 2026, at 10:12, Tom Reed\n<tom@shop.example>\nwrote:",
        "---- On Tue, 03 Mar 2026 10:12:13 +0100 Tom Reed <tom@shop.example> wrote ----",
        'At 2026-03-03 10:12:13, "Tom Reed" <tom@shop.example> wrote:',
        "Tom Reed <tom@shop.example> wrote:",
        "2026-03-03 10:12 GMT+01:00 Tom Reed <tom@shop.example>:",
        "3 Mar 2026 10:12 Tom Reed <tom@shop.example>:",
    ),
    "de": (
        "Am Di., 3. März 2026 um 10:12 Uhr schrieb Tom Reed <tom@shop.example>:",
        "Am Di., 3. März 2026 um 10:12 Uhr schrieb Tom Reed <\ntom@shop.example>:",
        "Am 03.03.2026 um 10:12 schrieb Tom Reed <tom@shop.example>:",
        "Am 03.03.26 um 10:12 schrieb Tom Reed:",
        'Am 03.03.2026 10:12 schrieb "Tom Reed" <tom@shop.example>:',
        "Am 3. März 2026 10:12:13 MEZ schrieb Tom Reed <tom@shop.example>:",
        "Tom Reed <tom@shop.example> schrieb am Di., 3. März 2026, 10:12:",
        "Tom Reed <tom@shop.example> schrieb am 3. März 2026 um 10:12:",
        "Am Dienstag, 3. März 2026 um 10:12:13 MEZ hat Tom Reed <tom@shop.example> Folgendes geschrieben:",
    ),
    "fr": (
        "Le mar. 3 mars 2026 à 10:12, Tom Reed <tom@shop.example> a écrit :",
        "Le 3 mars 2026 à 10:12, Tom Reed <tom@shop.example> a écrit :",
        "Le 03/03/2026 à 10:12, Tom Reed a écrit\u00a0:",
        "Le mardi 3 mars 2026 à 10:12:13 UTC+1, Tom Reed <tom@shop.example> a\u00a0écrit\u00a0:",
    ),
    "nl": (
        "Op di 3 mrt 2026 om 10:12 schreef Tom Reed <tom@shop.example>:",
        "Op 3 mrt. 2026 om 10:12 heeft Tom Reed <tom@shop.example> het volgende geschreven:",
        "Op 03-03-2026 om 10:12 schreef Tom Reed:",
        'Op 3 mrt. 2026 10:12 schreef "Tom Reed" <tom@shop.example>:',
        "Op dinsdag 3 maart 2026 om 10:12:13 CET schreef Tom Reed <tom@shop.example>:",
    ),
    "sv": (
        "Den tis 3 mars 2026 kl 10:12 skrev Tom Reed <tom@shop.example>:",
        "3 mars 2026 kl. 10:12 skrev Tom Reed <tom@shop.example>:",
        "Den 2026-03-03 kl. 10:12, skrev Tom Reed:",
    ),
    "da": (
        "Den tir. 3. mar. 2026 kl. 10.12 skrev Tom Reed <tom@shop.example>:",
        "Den 3. mar. 2026 kl. 10.12 skrev Tom Reed <tom@shop.example>:",
        "Den 03.03.2026 kl. 10.12 skrev Tom Reed:",
    ),
    "no": ("tir. 3. mar. 2026 kl. 10:12 skrev Tom Reed <tom@shop.example>:", "3. mars 2026 kl. 10:12 skrev Tom Reed <tom@shop.example>:"),
    "fi": (
        "ti 3. maalisk. 2026 klo 10.12 Tom Reed (tom@shop.example) kirjoitti:",
        "Tom Reed <tom@shop.example> kirjoitti 3.3.2026 kello 10.12:",
        "Tom Reed kirjoitti 3.3.2026 klo 10.12:",
    ),
    "is": ("Þann þri., 3. mar. 2026 kl. 10:12 skrifaði Tom Reed <tom@shop.example>:",),
    "et": ("Kuupäev: T, 3. märts 2026 kell 10:12\nTom Reed <tom@shop.example> kirjutas:",),
    "lv": ("otrd., 2026. g. 3. marts, plkst. 10:12 — lietotājs Tom Reed (<tom@shop.example>) rakstīja:",),
    "lt": ("2026-03-03, an, 10:12 Tom Reed <tom@shop.example> rašė:",),
    "pl": (
        "wt., 3 mar 2026 o 10:12 Tom Reed <tom@shop.example> napisał(a):",
        "W dniu 3.03.2026 o 10:12, Tom Reed pisze:",
        "Wiadomość napisana przez Tom Reed <tom@shop.example> w dniu 3 mar 2026, o godz. 10:12:",
        "Dnia 3 marca 2026 10:12 Tom Reed <tom@shop.example> napisał(a):",
    ),
    "cs": (
        "út 3. 3. 2026 v 10:12 odesílatel Tom Reed <tom@shop.example> napsal:",
        "Dne 03. 03. 26 v 10:12 Tom Reed napsal(a):",
        "3. 3. 2026 v 10:12, Tom Reed <tom@shop.example>:",
    ),
    "sk": (
        "ut 3. 3. 2026 o 10:12 Tom Reed <tom@shop.example> napísal(a):",
        "Dňa 3. 3. 2026 o 10:12 Tom Reed napísal(a):",
        "3. 3. 2026 o 10:12, Tom Reed <tom@shop.example> napísal:",
    ),
    "hu": (
        "Tom Reed <tom@shop.example> ezt írta (időpont: 2026. márc. 3., K, 10:12):",
        "2026. 03. 03. 10:12 keltezéssel, Tom Reed írta:",
        "2026. 3. 3. dátummal, 10:12 időpontban Tom Reed <tom@shop.example> írta:",
    ),
    "ro": (
        "În mar., 3 mar. 2026 la 10:12, Tom Reed <tom@shop.example> a scris:",
        "Pe 3 mar. 2026, la 10:12, Tom Reed <tom@shop.example> a scris:",
        "On 3 mar. 2026 10:12, Tom Reed a scris:",
    ),
    "it": (
        "Il giorno mar 3 mar 2026 alle ore 10:12 Tom Reed <tom@shop.example> ha scritto:",
        "Il giorno 3 mar 2026, alle ore 10:12, Tom Reed <tom@shop.example> ha scritto:",
        "Il 03/03/2026 10:12, Tom Reed ha scritto:",
    ),
    "es": (
        "El mar, 3 mar 2026 a las 10:12, Tom Reed (<tom@shop.example>) escribió:",
        "El 3 mar 2026, a las 10:12, Tom Reed <tom@shop.example> escribió:",
        "El 3/3/26 a las 10:12, Tom Reed escribió:",
        "El martes, 3 de marzo de 2026, 10:12:13 CET, Tom Reed <tom@shop.example> escribió:",
    ),
    "pt": (
        "Em ter., 3 de mar. de 2026 às 10:12, Tom Reed <tom@shop.example> escreveu:",
        "Tom Reed <tom@shop.example> escreveu no dia terça, 3/03/2026 à(s) 10:12:",
        "No dia 03/03/2026, às 10:12, Tom Reed <tom@shop.example> escreveu:",
        "Em 03/03/2026 10:12, Tom Reed escreveu:",
    ),
    "ca": ("Missatge de Tom Reed <tom@shop.example> del dia dt., 3 de març 2026 a les 10:12:",),
    "ru": (
        "вт, 3 мар. 2026 г. в 10:12, Tom Reed <tom@shop.example>:",
        "3 марта 2026 г., в 10:12, Tom Reed <tom@shop.example> написал(а):",
        "03.03.2026 10:12, Tom Reed пишет:",
        '03.03.2026, 10:12, "Tom Reed" <tom@shop.example>:',
        "Вторник, 3 марта 2026, 10:12 +03:00 от Tom Reed <tom@shop.example>:",
    ),
    "uk": (
        "вт, 3 бер. 2026 р. о 10:12 Tom Reed <tom@shop.example> пише:",
        "3 бер. 2026 р. о 10:12 Tom Reed <tom@shop.example> написав(-ла):",
        "03.03.26 10:12, Tom Reed пише:",
    ),
    "bg": ("На вт, 3.03.2026 г. в 10:12 Tom Reed <tom@shop.example> написа:", "На 3.03.26 г. в 10:12 ч., Tom Reed написа:"),
    "hr": ("uto, 3. ožu 2026. u 10:12 Tom Reed <tom@shop.example> napisao je:", "Dana 03.03.2026. u 10:12, Tom Reed je napisao/la:"),
    "sr": ("уто, 3. мар 2026. у 10:12 Tom Reed <tom@shop.example> је написао/ла:",),
    "sl": (
        "V tor., 3. mar. 2026 ob 10:12 je oseba Tom Reed <tom@shop.example> napisala:",
        "Dne 3. 03. 26 ob 10:12 je Tom Reed napisal(a):",
    ),
    "el": (
        "Στις Τρί 3 Μαρ 2026 στις 10:12 π.μ., ο/η Tom Reed <tom@shop.example> έγραψε:",
        "Στις 3 Μαρ 2026, 10:12 π.μ., ο χρήστης Tom Reed <tom@shop.example> έγραψε:",
        "Στις 3/3/26 10:12, ο/η Tom Reed έγραψε:",
    ),
    "tr": (
        "Tom Reed <tom@shop.example>, 3 Mar 2026 Sal, 10:12 tarihinde şunu yazdı:",
        "Tom Reed <tom@shop.example> şunları yazdı (3 Mar 2026 10:12):",
        "3.03.2026 10:12 tarihinde Tom Reed yazdı:",
    ),
    "he": (
        "\u200fבתאריך יום ג׳, 3 במרץ 2026 ב-10:12 מאת \u202aTom Reed\u202c\u200f <\u202atom@shop.example\u202c\u200f>:\u200f",
        "ב-3 במרץ 2026, בשעה 10:12, Tom Reed <tom@shop.example> כתב/ה:",
        "ב-03/03/2026 10:12, Tom Reed כתב:",
    ),
    "ar": (
        "في الثلاثاء، 3 مارس 2026 في 10:12 ص تمت كتابة ما يلي بواسطة \u202aTom Reed\u202c\u200f <\u202atom@shop.example\u202c\u200f>:",
        "في ٣ مارس ٢٠٢٦، الساعة ١٠:١٢ ص، كتب/كتبت Tom Reed <tom@shop.example>:",
    ),
    "fa": ("در تاریخ سه\u200cشنبه ۳ مارس ۲۰۲۶،\u200f ۱۰:۱۲ Tom Reed <tom@shop.example> نوشت:",),
    "hi": ("मंगल, 3 मार्च 2026 को 10:12 am बजे को Tom Reed <tom@shop.example> ने लिखा:",),
    "th": (
        "เมื่อ อ. 3 มี.ค. 2026 เวลา 10:12 Tom Reed <tom@shop.example> เขียนว่า:",
        "เมื่อวันที่ 3 มี.ค. 2569 เวลา 10:12 Tom Reed <tom@shop.example> เขียนว่า:",
    ),
    "vi": (
        "Vào Th 3, 3 thg 3, 2026 vào lúc 10:12 Tom Reed <tom@shop.example> đã viết:",
        "Vào 10:12, ngày 3 thg 3, 2026, Tom Reed <tom@shop.example> đã viết:",
    ),
    "id": (
        "Pada tanggal Sel, 3 Mar 2026 pukul 10.12 Tom Reed <tom@shop.example> menulis:",
        "Pada 3 Mar 2026 10.12, Tom Reed <tom@shop.example> menulis:",
    ),
    "ja": (
        "2026年3月3日(火) 10:12 Tom Reed <tom@shop.example>:",
        "2026/03/03 10:12、Tom Reed <tom@shop.example>のメール:",
        "2026年3月3日(火) 10:12 Tom Reed さん <tom@shop.example> のメッセージ:",
    ),
    "zh": (
        "Tom Reed <tom@shop.example> 于2026年3月3日周二 10:12写道：",
        "在 2026年3月3日，10:12，Tom Reed <tom@shop.example> 写道：",
        '在 2026-03-03 10:12:13，"Tom Reed" <tom@shop.example> 写道：',
    ),
    "zh-Hant": (
        "Tom Reed <tom@shop.example> 於 2026年3月3日 週二 上午10:12寫道：",
        "Tom Reed <tom@shop.example> 於 2026年3月3日 上午10:12 寫道：",
    ),
    "ko": (
        "2026년 3월 3일 (화) 오전 10:12, Tom Reed <tom@shop.example>님이 작성:",
        "2026. 3. 3. 오전 10:12, Tom Reed <tom@shop.example> 작성:",
        "2026-03-03 오전 10:12에 Tom Reed 이(가) 쓴 글:",
    ),
}

# language: From, Sent, To, Subject and the line of dashes as Outlook and others copy them.
LABELS: dict[str, tuple[str, str, str, str, str]] = {
    "en": ("From", "Sent", "To", "Subject", "Original Message"),
    "de": ("Von", "Gesendet", "An", "Betreff", "Ursprüngliche Nachricht"),
    "fr": ("De", "Envoyé", "À", "Objet", "Message d'origine"),
    "nl": ("Van", "Verzonden", "Aan", "Onderwerp", "Oorspronkelijk bericht"),
    "da": ("Fra", "Sendt", "Til", "Emne", "Oprindelig meddelelse"),
    "no": ("Fra", "Dato", "Til", "Emne", "Opprinnelig melding"),
    "sv": ("Från", "Skickat", "Till", "Ämne", "Ursprungligt meddelande"),
    "fi": ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe", "Alkuperäinen viesti"),
    "et": ("Saatja", "Saadetud", "Adressaat", "Teema", "Algne kiri"),
    "lv": ("No", "Nosūtīts", "Kam", "Tēma", "Sākotnējais ziņojums"),
    "lt": ("Nuo", "Išsiųsta", "Kam", "Tema", "Pradinis laiškas"),
    "pl": ("Od", "Wysłano", "Do", "Temat", "Wiadomość oryginalna"),
    "cs": ("Od", "Odesláno", "Komu", "Předmět", "Původní zpráva"),
    "sk": ("Od", "Odoslané", "Komu", "Predmet", "Pôvodná správa"),
    "hu": ("Feladó", "Elküldve", "Címzett", "Tárgy", "Eredeti üzenet"),
    "ro": ("De la", "Trimis", "Către", "Subiect", "Mesaj original"),
    "it": ("Da", "Inviato", "A", "Oggetto", "Messaggio originale"),
    "es": ("De", "Enviado el", "Para", "Asunto", "Mensaje original"),
    "pt": ("De", "Enviada em", "Para", "Assunto", "Mensagem original"),
    "ru": ("От", "Отправлено", "Кому", "Тема", "Исходное сообщение"),
    "uk": ("Від", "Надіслано", "Кому", "Тема", "Початкове повідомлення"),
    "bg": ("От", "Изпратено", "До", "Относно", "Оригинално съобщение"),
    "hr": ("Šalje", "Poslano", "Prima", "Predmet", "Izvorna poruka"),
    "sl": ("Pošiljatelj", "Poslano", "Za", "Zadeva", "Izvirno sporočilo"),
    "sr": ("Од", "Послато", "Прима", "Наслов", "Оригинална порука"),
    "el": ("Από", "Στάλθηκε", "Προς", "Θέμα", "Αρχικό μήνυμα"),
    "tr": ("Kimden", "Gönderildi", "Kime", "Konu", "Özgün İleti"),
    "he": ("מאת", "נשלח", "אל", "נושא", "הודעה מקורית"),
    "ar": ("من", "تم الإرسال", "إلى", "الموضوع", "الرسالة الأصلية"),
    "th": ("จาก", "ส่ง", "ถึง", "เรื่อง", "ข้อความต้นฉบับ"),
    "vi": ("Từ", "Đã gửi", "Đến", "Chủ đề", "Thư gốc"),
    "id": ("Dari", "Dikirim", "Kepada", "Subjek", "Pesan asli"),
    "ja": ("差出人", "送信日時", "宛先", "件名", "元のメッセージ"),
    "zh": ("发件人", "发送时间", "收件人", "主题", "原始邮件"),
    "zh-Hant": ("寄件者", "寄件日期", "收件者", "主旨", "原始郵件"),
    "ko": ("보낸 사람", "보낸 날짜", "받는 사람", "제목", "원본 메시지"),
}

# What telephones and mail programs put below.
DEVICES = (
    *("Sent from my iPhone", "Sent from my Galaxy", "Get Outlook for iOS<https://aka.ms/o0ukef>", "Sent from Yahoo Mail on Android"),
    *("Sent from Mail for Windows", "Sent from Proton Mail for iOS", "Sent with Spark", "Sent from my BlackBerry, please excuse typos."),
    *("Von meinem iPhone gesendet", "Gesendet mit der GMX Mail App", "Gesendet von Outlook für iOS", "Holen Sie sich Outlook für Android"),
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    *("Envoyé de mon iPhone", "Envoyé depuis mon téléphone Orange", "Télécharger Outlook pour Android", "Verstuurd vanaf mijn iPhone"),
    *("Skickat från min iPhone", "Sendt fra min iPhone", "Lähetetty iPhonesta", "Sendt fra min Samsung Mobil", "Saadetud minu iPhone'ist"),
    *("Wysłane z iPhone'a", "Odesláno z iPhonu", "Odoslané z iPhonu", "iPhone-omról küldve", "Trimis de pe iPhone-ul meu"),
    *(
        "Inviato da iPhone",
        "Inviato da Outlook per Android",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Enviado a partir do meu iPhone",
    ),
    *(
        "Отправлено с iPhone",
        "Отправлено из мобильной Почты Mail.ru",
        "Надіслано з iPhone",
        "Изпратено от моя iPhone",
        "Poslano s mog iPhonea",
    ),
    *("Στάλθηκε από το iPhone μου", "iPhone'umdan gönderildi", "נשלח מה-iPhone שלי", "أُرسلت من الـ iPhone", "ส่งจาก iPhone ของฉัน"),
    *(
        "Đã gửi từ iPhone của tôi",
        "Dikirim dari iPhone saya",
        "iPhoneから送信",
        "发自我的 iPhone",
        "從我的 iPhone 傳送",
        "나의 iPhone에서 보냄",
    ),
)

# language: how a mail that is passed on begins.
FORWARDS: dict[str, tuple[str, ...]] = {
    "en": ("---------- Forwarded message ---------", "Begin forwarded message:", "-------- Forwarded Message --------"),
    "de": ("---------- Weitergeleitete Nachricht ---------", "Anfang der weitergeleiteten Nachricht:"),
    "fr": ("---------- Message transféré ---------", "Début du message réexpédié :", "-------- Message transféré --------"),
    "nl": ("---------- Doorgestuurd bericht ---------", "Begin doorgestuurd bericht:"),
    "sv": ("---------- Vidarebefordrat meddelande ---------", "Vidarebefordrat brev:"),
    "it": ("---------- Messaggio inoltrato ---------", "Inizio messaggio inoltrato:"),
    "es": ("---------- Mensaje reenviado ---------", "Inicio del mensaje reenviado:"),
    "pt": ("---------- Mensagem encaminhada ---------", "Início da mensagem encaminhada:"),
    "pl": ("---------- Wiadomość przekazana ---------", "Początek przekazywanej wiadomości:"),
    "ru": ("---------- Пересылаемое сообщение ---------", "Начало переадресованного сообщения:"),
    "ja": ("---------- 転送メッセージ ---------",),
    "zh": ("---------- 转发的邮件 ---------", "---------转发邮件信息---------"),
    "ko": ("---------- 전달된 메시지 ---------",),
}
