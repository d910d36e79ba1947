"""Names of header lines as mail programs copy them into answers, and the words of the rules above them; data alone.

Knows no rule: how many of them make a copied header is said in quotes.py.
"""

from __future__ import annotations

from mailgateway.quoting.word_list import words

LABELS = {
    "from": words("""
        from | von | de | van | fra | från | fran | frá | lähettäjä | keneltä | saatja | kellelt | no | sūtītājs | nuo | siuntėjas
        od | nadawca | odesílatel | odosielateľ | šalje | pošiljatelj | feladó | küldő | de la | expeditor | da | mittente
        remitente | remetente | expéditeur | absender | от | от кого | від | від кого | од | ад | подател | από | kimden | gönderen
        gönderici | מאת | من | از | प्रेषक | จาก | ส่งจาก | từ | người gửi | dari | daripada
        差出人 | 送信者 | 发件人 | 發件人 | 寄件者 | 寄件人
        보낸 사람 | 보낸사람 | 보낸이 | 발신 | 发送人 | afzender | afsender | avsändare | avsender | nga | bidaltzailea | ó | oddawca
        """),
    "sent": words("""
        sent | sent at | sent on | date | time | gesendet | gesendet am | datum | datum/uhrzeit | envoyé | envoyé le | date d'envoi
        message du | verzonden | verzonden op | verstuurd | sendt | dato | skickat | datum och tid | sent: | lähetetty | päivämäärä
        päiväys | pvm | saadetud | kuupäev | nosūtīts | datums | išsiųsta | data | wysłano | data wysłania | odesláno | datum a čas
        odoslané | dátum | poslano | datum i vrijeme | послато | датум | elküldve | küldve | trimis | dată | data trimiterii
        inviato | inviato il | enviado | enviado el | enviado em | enviada em | enviada | enviado a las | fecha | enviat | отправлено
        дата | надіслано | изпратено | дата и время | στάλθηκε | ημερομηνία | gönderildi | gönderme tarihi | gönderilme tarihi
        tarih | נשלח | תאריך | תאריך שליחה | تاريخ الإرسال | تم الإرسال | التاريخ | أُرسلت | أرسل | تاریخ | भेजा गया | दिनांक | ส่ง
        วันที่ | ส่งเมื่อ | đã gửi | gửi | ngày | thời gian | dikirim | terkirim | tanggal | tarikh
        dihantar | 送信日時 | 日付 | 日時 | 送信日
        发送时间 | 日期 | 时间 | 發送時間 | 寄件日期 | 傳送時間 | 보낸 날짜 | 보낸날짜 | 날짜 | 보냄 | 발송일 | 일시 | received
        """),
    "to": words("""
        to | an | à | a | aan | til | till | vastaanottaja | adresat | adressaat | kellele | saaja | kam | adresāts | kam: | gavėjas
        do | komu | prima
        za | címzett | către | catre | para | per a | per | кому | до | за | прима | προς | kime | alıcı | אל | إلى | الى | به
        प्रति | को | ถึง | đến | tới | người nhận | kepada | untuk | ke | 宛先 | 收件人
        收件者 | 받는 사람 | 받는사람 | 받는이 | 수신 | destinatario
        destinatário | destinataire | empfänger | til: | mottagare | ontvanger | modtager | mottaker | nori | për | chuig
        """),
    "subject": words("""
        subject | re | betreff | betr | betrifft | objet | sujet | onderwerp | emne | ämne | aihe | teema | temats | tēma | tema
        temat | předmět | predmet | zadeva | naslov | tárgy | subiect | oggetto | asunto | assunto | assumpte | тема | предмет
        наслов | θέμα | konu | נושא | הנדון | الموضوع | موضوع | विषय | เรื่อง | ชื่อเรื่อง | chủ đề | tiêu đề | subjek | perihal
        judul | 件名 | 主题 | 主題 | 主旨 | 제목 | efni | gaia | subjekti | tēma: | thema
        """),
    "cc": words("""
        cc | bcc | kopie | copie | copie à | kopi | kopia | kopio | dw | copia | cópia | còpia | копия | копія | копие
        másolatot kap | másolat | adresa | v kopii | kopija | κοιν | κοινοποίηση | bilgi | עותק | نسخة | نسخة إلى | สำเนา | đồng gửi
        tembusan | 抄送 | 副本 | 참조 | reply-to | reply to | antwort an | répondre à | importance | priority | wichtigkeit | attachments
        attachment | anlagen | anhänge | organization | organisation | message-id | newsgroups | sender | mailed-by | signed-by
        delivered-to | cc: | важность | 返信先
        """),
}
# What stands between dashes above a mail that is answered.
ORIGINAL = words("""
    reply message | antwort nachricht | message de réponse |
    original message | original appointment | original email | original | ursprüngliche nachricht | originalnachricht
    original-nachricht | ursprüngliche mail | message d'origine | message original | message initial | mail original
    e-mail d'origine | courriel original | oorspronkelijk bericht | origineel bericht | oorspronkelijke bericht
    oprindelig meddelelse | oprindelig besked | opprinnelig melding | original melding | ursprungligt meddelande
    originalmeddelande | alkuperäinen viesti | algne kiri | wiadomość oryginalna | oryginalna wiadomość | wiadomość pierwotna
    původní zpráva | původní e-mail | pôvodná správa | pôvodný e-mail | izvorna poruka | originalna poruka | izvirno sporočilo
    eredeti üzenet | mesaj original | mesajul original | messaggio originale | messaggio originario | mensaje original
    mensagem original | missatge original | исходное сообщение | оригинальное сообщение | пересылаемое письмо
    початкове повідомлення | оригінальне повідомлення | оригинално съобщение | оригинална порука | αρχικό μήνυμα | orijinal ileti
    özgün ileti | orijinal mesaj | הודעה מקורית | الرسالة الأصلية | رسالة أصلية | پیام اصلی | ข้อความต้นฉบับ | thư gốc
    tin nhắn gốc | pesan asli | mesej asal | 元のメッセージ | 原始邮件 | 原始郵件 | 原始邮件信息
    原邮件 | 원본 메시지 | 원본 메일 | upprunaleg skilaboð
    """)
# What stands above a mail that is passed on.
FORWARDED = words("""
    forwarded message | forwarded mail | forwarded text | begin forwarded text | forwarded by
    weitergeleitete nachricht | weitergeleitete mail | message transféré
    mail transféré | doorgestuurd bericht | doorgezonden bericht | videresendt besked | videresendt meddelelse
    videresendt melding | videresendt e-post | vidarebefordrat meddelande | vidarebefordrat mail | edelleenlähetetty viesti
    välitetty viesti | edasi saadetud kiri | edastatud kiri | wiadomość przekazana | przekazana wiadomość
    treść przekazanej wiadomości | přeposlaná zpráva | preposlaná správa | proslijeđena poruka | prosleđena poruka
    posredovano sporočilo | továbbított üzenet | mesaj redirecționat | mesaj înaintat | messaggio inoltrato | mensaje reenviado
    mensagem encaminhada | mensagem reencaminhada | missatge reenviat | пересылаемое сообщение | пересланное сообщение
    переслане повідомлення | переслано повідомлення | препратено съобщение | прослеђена порука | προωθημένο μήνυμα
    yönlendirilmiş ileti | iletilen mesaj | iletilmiş ileti | הודעה שהועברה | רسالة محولة | رسالة معاد توجيهها
    الرسالة المُعاد توجيهها | پیام هدایت شده | ข้อความที่ส่งต่อ | thư đã chuyển tiếp | tin nhắn được chuyển tiếp | pesan terusan
    mesej dimajukan | 転送メッセージ | 转发的邮件 | 转发邮件 | 转发邮件信息 | 轉寄郵件
    轉寄的郵件 | 전달된 메시지 | 전달 메일 | áframsend skilaboð
    """)
# The same as Apple's program says it, without dashes.
FORWARD_BEGINS = words("""
    begin forwarded message | anfang der weitergeleiteten nachricht | anfang der weitergeleiteten e-mail
    début du message réexpédié | début du message transféré | début du message renvoyé | begin doorgestuurd bericht
    start på videresendt besked | start på videresendt melding | vidarebefordrat brev | vidarebefordrat mejl
    välitetty viesti alkaa | początek przekazywanej wiadomości | začátek přeposílané zprávy | začiatok preposielanej správy
    započni proslijeđenu poruku | továbbított levél kezdete | început mesaj redirecționat | inizio messaggio inoltrato
    inicio del mensaje reenviado | início da mensagem encaminhada | início da mensagem reencaminhada
    inici del missatge reenviat | начало переадресованного сообщения | початок листа, що пересилається
    αρχή προωθημένου μηνύματος | başlangıç: iletilen ileti | תחילת ההודעה שהועברה | بداية الرسالة المعاد توجيهها
    เริ่มข้อความที่ส่งต่อ | bắt đầu thư được chuyển tiếp | mulai pesan terusan | 転送されたメッセージ
    下面是被转发的邮件 | 开始转发的邮件 | 開始轉寄郵件
    전달된 메시지 시작
    """)
# How subjects of passed-on mails begin.
FORWARD_SUBJECTS = words("""
    fwd | fw | wg | wtr | tr | trf | doorst | vs | vb | vl | edl | pd | přeposláno | továbbítás | inoltra | i | rv | enc | reenv
    пересл | переслать | πρθ | προωθ | ilt | iletilen | hn | 转发 | 轉寄 | 転送 | 전달 | tlh
    """)
# Fields of forms on web pages, whose mails look like copied headers, and are not.
FORM_FIELDS = words("""
    name | your name | full name | first name | last name | email | e-mail | email address | e-mail address | mail | phone
    phone number | telephone
    mobile | message | your message | comment | comments | question | company | address | street | city | country | order
    order number | website | url
    ip | ip address | page | form | department | topic | category | vorname | nachname | firma | e-mail-adresse | telefon
    telefonnummer | nachricht
    ihre nachricht | kommentar | frage | anschrift | ort | bestellnummer | nom | prénom | téléphone | votre message | société
    adresse | naam | bericht
    telefoon | opmerking | nombre | apellidos | mensaje | correo | teléfono | empresa | nome | cognome | messaggio | telefono
    mensagem | telefone
    imię | nazwisko | wiadomość | meddelande | namn | telefonnummer | navn | besked | melding | имя | сообщение | телефон | お名前
    電話番号 | 姓名 | 电话
""")
