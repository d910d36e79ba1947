"""Lines that mail programs and companies put under a mail ("Sent from my iPhone", disclaimers), in some forty languages; data alone.

Knows no rule: where such a line counts is said in signature_signs.py and signed_off.py.
"""

from __future__ import annotations

from mailgateway.quoting.word_list import words

# How such a line begins.
DEVICE_BEGINS = words("""
    sent from | sent with | sent via | sent using | sent by | sent on the go | get outlook for | get bluemail for
    from my iphone | send from | sent securely | typed on | written on my | composed on | download outlook | <<sent by
    from my mobile | posted from | von meinem | von unterwegs | gesendet von | gesendet mit | gesendet über | gesendet aus
    diese nachricht wurde von meinem | diese e-mail wurde von | outlook für | holen sie sich outlook | versendet mit
    verschickt mit | mit meinem | vom handy | vom iphone | envoyé de | envoyé depuis | envoyé à partir de | envoyé avec
    envoyé via | télécharger outlook | obtenir outlook | provenance | verstuurd vanaf | verstuurd vanuit | verzonden vanuit
    verzonden van | verzonden vanaf | verzonden met
    verzonden via | verstuurd met | verstuurd via | outlook voor | download outlook voor | sendt fra | sendt via | sendt med
    hent outlook | få outlook | skickat från | skickat med | skickat via | hämta outlook | lähetetty | hanki outlook | saadetud
    nosūtīts no | išsiųsta iš | sent frá | wysłane z | wysłano z | wysłane przy użyciu | pobierz outlook | uzyskaj outlook
    odesláno z | odesláno pomocí | získat outlook | odoslané z | odoslané pomocou | poslano s | poslano z | poslano iz
    poslato sa | послато са | preuzmite outlook | elküldve | az outlook beszerzése | trimis de pe | trimis din | trimis cu
    obțineți outlook | inviato da | inviato dal | inviato con | scarica outlook | ottieni outlook | enviado desde | enviado con
    enviado do | enviado de | enviado a partir | enviado via | enviado por | obtener outlook | descargar outlook
    obter o outlook | baixar outlook | enviat des | bidalita | отправлено с | отправлено из | отправлено через
    отправлено с помощью | скачать outlook | получить outlook | надіслано з | надіслано за допомогою | відправлено з
    отримати outlook | изпратено от | изпратено чрез | στάλθηκε από | εστάλη από | αποστολή από | λήψη του outlook | נשלח מ
    נשלח באמצעות | השג את outlook | أُرسل | أرسل من | تم الإرسال من | مرسل من | ارسال شده از | ส่งจาก | đã gửi từ | gửi từ
    được gửi từ | tải outlook | dikirim dari | terkirim dari | dikirim menggunakan | dapatkan outlook | 发自 | 来自我的 | 发送自 | 從我的
    寄自 | 傳送自 | 以 outlook | 获取 outlook | 取得 outlook | 通过我的 | 나의 | 내 iphone | 삼성 | outlook for
    """)
# How it ends where the verb comes last.
DEVICE_ENDS = words("""
    から送信 | から送信されました | を使って送信 | から送信しました | 傳送 | 发送 | 寄出 | 에서 보냄
    에서 보낸 메일 | 에서 전송 | 에서 발송 | gönderildi | ile gönderildi
    gesendet | versendet | lähetetty | küldve | küldtem | beszerzése | beziehen | herunterladen | mulige stavefejl
    """)
# One of these makes the line certain, also where it has a comma or a full stop.
DEVICES = words("""
    iphone | ipad | ipod | ios | macbook | android | galaxy | samsung | huawei | xiaomi | htc | nokia | lumia | blackberry
    oneplus | motorola | pixel | sony | xperia | verizon | t-mobile | at&t | windows | outlook | yahoo | aol | gmail | mail.ru
    яндекс | mailbox | k-9 | k9 | thunderbird | proton | tutanota | spark | airmail | boxer | nine | bluemail | aqua mail
    zimbra | fairemail | newton | mobil | handy | smartphone | telefon | telefoon | téléphone | teléfono | celular | puhelim
    phone | device | tablet | gerät | toestel | urządze | zařízení | dispositivo | устройств | телефон | смартфон | мобильн | 携帯
    スマート | 手机 | 手機 | 휴대 | superhuman | shortwave | hey | fastmail | gmx | web.de | freenet | orange | vivo | oppo | realme
    honor | redmi | my ti-
    """)
# How paragraphs begin that companies add below every mail.
DISCLAIMERS = words("""
    this e-mail and any | this email and any | this e-mail (and | this email (and | this message and any
    this e-mail message and | this email message and | this e-mail is confidential | this email is confidential
    this e-mail may contain | this email may contain | this message may contain | this e-mail contains | this email contains
    this message contains conf | the information contained in this | the information in this e | the contents of this e
    the content of this e | the information transmitted | confidentiality notice | confidentiality note | confidential:
    disclaimer | notice: this | important notice | important: this e | if you are not the intended | if you have received this
    this communication is | this transmission | legal notice | email confidentiality | e-mail confidentiality
    please consider the environment | think before you print | privileged and confidential | diese e-mail enthält
    diese e-mail kann | diese nachricht enthält | diese nachricht ist vertraulich | der inhalt dieser e-mail
    vertraulichkeitshinweis | die in dieser e-mail | haftungsausschluss | bitte denken sie an die umwelt
    bitte prüfen sie, ob diese | ce message et toutes | ce message et ses | ce message électronique | ce courriel
    ce message est confidentiel | les informations contenues dans | avis de confidentialité | pensez à l'environnement
    dit bericht is | de informatie in deze e-mail | de inhoud van dit | dit e-mailbericht | deze e-mail is | denne e-mail
    denna e-post | denne e-posten | detta meddelande är | tämä viesti | niniejsza wiadomość | ta wiadomość | treść tej wiadomości
    tato zpráva | tento e-mail | obsah tohoto e-mailu | ez az e-mail | az üzenet tartalma | acest mesaj | acest e-mail
    questo messaggio | le informazioni contenute in | la presente comunicazione | avviso di riservatezza | este mensaje
    este correo | la información contenida en | aviso legal | aviso de confidencialidad | esta mensagem | este e-mail
    as informações contidas | это сообщение | данное сообщение | настоящее сообщение | информация, содержащаяся | цей лист
    αυτό το μήνυμα | bu e-posta | הודעה זו | هذه الرسالة | 本邮件 | 此邮件 | 本郵件 | 此電子郵件
    このメール | 本メール | 본 메일 | 이 메일 | email này
    pesan ini
    """)
# How lines begin that mail servers put above mail from outside; one of the phrases below must be in them too.
WARNINGS = words("""
    caution | warning | external | attention | notice | important | be careful | this email | this e-mail | this message
    you don't often | some people
    achtung | warnung | vorsicht | extern | hinweis | diese e-mail | diese nachricht | sie erhalten nicht | attention | avertissement
    prudence
    externe | ce message | cet e-mail | ce courriel | vous n'obtenez | let op | pas op | waarschuwing | dit bericht | deze e-mail
    u ontvangt niet
    attenzione | questo messaggio | esterno | atención | cuidado | precaución | advertencia | este mensaje | este correo | externo
    atenção | esta mensagem
    uwaga | ostrzeżenie | varning | obs | advarsel | varoitus | upozornění | pozor | внимание | увага | 注意 | 警告
""")
OUTSIDE = words("""
    originated from outside | outside of the organi | outside the organi | outside your organi | outside of your organi
    from outside of | external sender
    external email | external e-mail | external source | from an external | outside of this company | sent from outside
    don't often get email
    von außerhalb | externen absender | externer absender | externe e-mail | ausserhalb | nicht häufig e-mails von
    provient de l'extérieur
    expéditeur externe | source externe | e-mail externe | pas souvent d'e-mail | externe afzender | buiten de organisatie
    niet vaak e-mail
    mittente esterno | esterno all | remitente externo | fuera de la organización | fuera de su organización | origen externo
    fora da organização
    remetente externo | spoza organizacji | zewnętrzn | utanför organisationen | extern avsändare | ekstern afsender
    uden for organisationen
    organisaation ulkopuolelta | mimo organizaci | внешн | зовнішн | 外部 | 组织外部
""")
