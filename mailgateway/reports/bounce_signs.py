"""By which words a mail system's report is known, in many languages: sender, subject, what it says of the failure, of a delay, and where
our own mail begins in it. Data only.
"""

from __future__ import annotations

import re

DAEMON = re.compile(
    r"(?:mailer[-_.]?daemon|mail[-_.]?daemon|post[-_.]?master|mmdf|double-bounce|mdaemon|mail[-_.]?delivery|maildelivery"
    r"|delivery[-_.]?(?:daemon|agent|subsystem|service)"
    r"|undeliverable|ndr|bounce[-_.]?(?:daemon|handler)?|microsoftexchange[0-9a-f]{20,40}|exchange[-_.]?daemon|smtp[-_.]?daemon"
    r"|mailsystem|mail[-_.]?system)(?:[@+]|$)",
    re.IGNORECASE,
)
DAEMON_NAME = re.compile(
    r"mail(?:er)? ?(?:delivery|daemon|administrator|system)|system administrator|mailsystem|postmaster|microsoft outlook"
    r"|internet mail delivery"
    r"|mail ?server|delivery (?:sub)?system|systemadministrator|administrateur syst|メールシステム|системный администратор",
    re.IGNORECASE,
)
# People answer under this name too, so that it counts only beside another sign.
PERHAPS_A_PERSON = re.compile(r"post[-_.]?master[@+]", re.IGNORECASE)

_FAILED = (
    # English
    r"\bblocked (?:e-?mail|message|mail)\b",
    r"undeliver",
    r"undelivered",
    r"(?:mail|message|e-?mail|delivery)\W{1,2}(?:has |had |have |was |is |could |transaction )?(?:delivery )?(?:failed|failure"
    r"|rejected|undeliver|bounced|returned|error)",
    r"deliver(?:y|ed|ing)\W{1,2}(?:\w{1,20} ){0,3}(?:status|failure|failed|problem|report|notification|notice|error|unsuccessful"
    r"|incomplete|impossible)",
    r"return(?:ed|ing) (?:\w{1,20} ){0,2}(?:e-?mail|mail|message|sender)",
    r"return(?:ed|ing|s)? to sender",
    r"fail(?:ure|ed) (?:notice|delivery|mail|message)",
    r"non-? ?deliver",
    r"(?:not|n't|unable to|cannot|could not|failed to) (?:be |able to be |have been |been )?(?:deliver|sen[dt]\b)",
    r"mail system error",
    r"(?:error|problem|trouble) (?:sending|delivering|in delivery)",
    r"(?:user|recipient|address) unknown|unknown (?:user|recipient|address)",
    r"(?:rejected|bounced?) (?:e-?mail|message|posting)",
    r"mailbox (?:is )?(?:full|unavailable)",
    r"\bNDR\b|\bNDN\b",
    # German, Dutch, Scandinavian, Finnish
    r"unzustell|nicht zu(?:ge)?stell|zustell\w{0,10} (?:nicht|fehlgeschlagen|gescheitert)|zustell(?:ungs?)?(?:fehler|problem)"
    r"|(?:bermittlung|zustellung) fehlgeschlagen|konnte nicht (?:\w{1,20} ){0,2}(?:zugestellt|übermittelt)",
    r"onbestelbaar|niet (?:be|af)ge?(?:zorgd|leverd)|niet bezorgd|bezorging (?:is )?mislukt|niet worden bezorgd",
    r"uleverbar|ulevert|olevere|ikke (?:\w{1,20} )?lever|kunde inte (?:levereras|skickas)|ej levererat|gick inte att leverera"
    r"|inte (?:kunnat )?levereras|meddelandet kunde inte",
    r"toimittamatta|toimitus ep[aä]onnistui|ei voitu toimittaa|perille",
    # Romance languages
    r"non (?:remis|distribu|d[eé]livr|livr)|(?:[eé]chec|erreur) (?:de|d'|lors)|retourn[eé] [aà]|impossible de (?:remettre|livrer"
    r"|distribuer)|n'a pas pu [eê]tre",
    r"no (?:se )?(?:ha )?(?:puede|pudo|podido|sido)? ?(?:ser )?(?:posible )?(?:entreg|enviar)|no entreg|devuelto|devoluci[oó]n"
    r"|(?:error|fallo|problema|notificaci[oó]n) (?:de|en)(?: la| estado de)? ?entrega",
    r"n[aã]o (?:foi |p[oô]de ser |pode ser )?(?:poss[ií]vel )?(?:entreg|enviar)|falha (?:na|de|no)|devolvid|n[aã]o entregue"
    r"|notifica[cç][aã]o (?:de|sobre)",
    r"mancat[ao] (?:recapito|consegna)|non (?:[eè] stato )?(?:recapitat|consegnat)|impossibile (?:recapitare|consegnare)"
    r"|errore di (?:consegna|recapito)|consegna non riuscita|stato del recapito",
    r"nelivra|nu a putut fi (?:livrat|trimis)",
    # Slavic languages, Hungarian, Greek, Turkish
    r"niedostarcz|niedor[eę]cz|nie (?:mo[zż]na|uda[lł]o si[eę]|zosta[lł]a) (?:\w{1,20} )?(?:dostarcz|dor[eę]cz)|zwrot (?:wiadomo|poczty)",
    r"nedoru[cč]|nelze doru[cč]it|nepoda[rř]ilo se (?:\w{1,20} )?doru[cč]|vr[aá]cen[aá] zpr[aá]va|nedostav|neisporu[cč]",
    r"не (?:был[оа]? )?(?:доставлен|удалось доставить|может быть доставлен|отправлен|было доставлено)|недостав|недоставк"
    r"|ошибка (?:доставки|отправки)|неможливо доставити|не вдалося доставити|возвращен|доставка не",
    r"k[eé]zbes[ií]t(?:hetetlen|[eé]s[ei] (?:hiba|sikertelen))|sikertelen k[eé]zbes|δεν (?:ήταν δυνατή|παραδόθηκε|είναι δυνατή)"
    r"|ανεπίδοτ|μη παραδο",
    r"teslim edileme|iletileme|iletisi teslim",
    # Chinese, Japanese, Korean, others
    r"退信|退回|无法(?:投递|送达|传递|递送|发送)|未(?:能)?(?:送达|投递|传递|递送)|(?:投递|传递|发送|递送)失败|無法(?:傳遞|投遞|送達|傳送)|未(?:能)?傳遞|傳送失敗|傳遞失敗|投遞失敗",
    r"配信(?:不能|できま|エラー|に失敗|失敗)|送信(?:できま|エラー|失敗|に失敗)|(?:配送|配達|送達)(?:不能|できま|エラー|失敗)|メールエラー|エラーメール|届けでき|未配信|未達|返送|送信できな",
    r"배달(?:되지|할 수|실패| 실패| 안)|(?:전송|발송|수신|전달) ?(?:실패|되지|불가|할 수)|반송",
    r"kh[oô]ng (?:th[eể] )?(?:g[uử]i|chuy[eể]n) (?:\w{1,10} )?(?:được|duoc)|gagal (?:terkirim|dikirim)|tidak (?:dapat )?(?:ter)?kirim"
    r"|ส่ง.{0,12}ไม่(?:ได้|สำเร็จ)|ไม่สามารถส่ง",
    r"تعذر (?:ال)?تسليم|لم يتم (?:ال)?تسليم|غير قابل للتسليم|لא נמסר|לא ניתן למסור|אין אפשרות למסור|לא נמסרה",
)
FAILED_SUBJECT = re.compile("|".join(_FAILED), re.IGNORECASE)

FAILED_TEXT = re.compile(
    "|".join(
        (
            *(part for part in _FAILED if part not in (r"\bNDR\b|\bNDN\b",)),
            r"did not reach the following",
            r"had permanent fatal errors|fatal errors",
            r"attempt(?:ing|ed)? to deliver|delivery (?:of|to) (?:\S{1,90} ){0,12}(?:postponed|rejected)",
            r"failed permanently|permanent (?:error|failure)",
            r"transcript of session",
            r"failed addresses follow",
            r"no such (?:user|mailbox|domain|host)|user unknown|unknown user|invalid (?:user|recipient|address)|does(?:n't"
            r"| not) (?:exist|have an account)",
            r"over quota|quota exceeded|exceeded \w{0,20} ?quota|mailbox full",
            r"address(?:es)? (?:was |were )?rejected|recipients? (?:was |were )?(?:rejected|refused)|refused to accept",
            r"sorry to have to inform|the following (?:address|recipient|destination)",
            r"requested action not taken|mail action aborted",
            r"could not find|gave up|giving up|given up|no longer (?:valid|exist|in use|active|accept|available)|not (?:a )?valid"
            r"|not listed in",
            r"name is not recogni[sz]ed|is not (?:known|registered|accepting)|denied|blocked|no mailbox",
            r"一杯|見つかりません|存在しません|满|不存在|rejected",
        )
    ),
    re.IGNORECASE,
)

ABOUT_MAIL = re.compile(
    r"\b(?:e-?mail|mail|message|recipient|mailbox|smtp)s?\b|nachricht|empf[aä]nger|bericht|courriel|mensaje|correo|destinat|messaggio"
    r"|mensagem|meddeland|meddelelse|besked|wiadomo|zpr[aá]v|level|üzenet|e-?posta|сообщени|письм|повідомлен"
    r"|メール|メッセージ|邮件|郵件|메일|메시지|thư|surel|pesan|البريد|הודע",
    re.IGNORECASE,
)
OPENING = re.compile(
    r"(?:your|the following|the) (?:e-?mail |mail |original )?(?:e-?mail|mail"
    r"|message)\W(?:[\w.,:;'\"@<>?\[\]-]{1,90} ){0,16}?(?:could not be|couldn't be|was not|wasn't|cannot be|can't be|has not been"
    r"|has been rejected|was rejected|undeliver|failed)"
    r"|failed recipients|non-?delivery report|undeliverable (?:mail|message)|unable to deliver (?:the |your |this )?(?:mail|message)"
    r"|delivery of (?:e-?mail|mail|message|the message)|message from \w{1,20} (?:e-?mail|messaging)"
    r"|(?:could not|unable to|attempting to|cannot|failed to) deliver (?:a |the |your )?(?:e-?mail|mail|message)"
    r"|could not be delivered to|送信でき|送信先の|メールシステム|系统退信|无法投递"
    r"|returned mail|this is (?:a permanent|the mail|an advisory)|wasn't able to deliver|votre (?:message|courriel) n'a (?:pu|pas)"
    r"|ihre nachricht (?:\S{1,60} ){0,6}(?:konnte nicht|wurde nicht)|su mensaje no|il (?:suo |tuo )?messaggio non",
    re.IGNORECASE,
)
REJECTED = re.compile(r"reject|refus|quota|not accept|abgelehnt|zur[uü]ckgewiesen|rechaz|rifiut|recus|geweigerd|отклон|拒", re.IGNORECASE)

DELAYED = re.compile(
    r"delay(?:ed|:|\))|postponed|delivery warning|still (?:being )?(?:re)?tr(?:y|ied)|warning: (?:could not|message|mail)|will (?:be "
    r"|continue to )?(?:retr|try|attempt)|has not (?:yet )?been (?:collected|delivered)|not yet (?:been )?delivered|retrying"
    r"|will keep trying|transient failure|temporary (?:failure|problem)|(?:delivery|mail) (?:incomplete|is delayed)|verz[oö]ger"
    r"|retard[eé]|retrasad|ritard|vertraagd|atrasad|opó[zź]nion|задерж|延迟|延遲|遅延|遅れ|지연",
    re.IGNORECASE,
)
# Said in the text of a warning, whatever its subject.
ONLY_A_WARNING = re.compile(
    r"warning (?:message )?only|(?:you )?do not need to (?:resend|do anything)|need not (?:resend|do anything)|no action is required"
    r"|attempts? will (?:continue|be made)|will (?:be retried|keep (?:trying|attempting)|continue to (?:try|attempt))"
    r"|will try (?:again|to deliver)|has been (?:delayed|postponed)|is delayed|has not (?:yet )?been delivered (?:for|after)"
    r"|noch nicht zugestellt|weitere zustellversuche"
    r"|pas encore (?:été )?(?:remis|distribu|livr)|a[uú]n no se ha entregado|ainda n[aã]o foi entregue|non [eè] ancora stat",
    re.IGNORECASE,
)
GAVE_UP = re.compile(
    r"did not reach|could not be delivered|couldn't be delivered|failed permanently|delivery failed|undeliverable|fatal errors"
    r"|giv(?:en|ing) up|gave up|permanent error|not going to try again|message (?:\w{1,20} )?expired",
    re.IGNORECASE,
)

# A line that begins our own mail, and everything after it is not the mail system's.
ORIGINAL = re.compile(
    r"original (?:message|mail|e-?mail)|message (?:text |log )?follows|copy of (?:the|your) (?:message|mail)|headers? (?:follows?|of)"
    r"|returned message|(?:text|body|content|start) of (?:the )?(?:\w{1,20} )?(?:message|mail)"
    r"|below (?:this line )?is a copy|unsent message|message header|ursprüngliche|message d'origine|mensaje original|mensagem original"
    r"|messaggio originale|oorspronkelijk|исходно|原始邮件|原文|元のメール|元のメッセージ",
    re.IGNORECASE,
)
ANSWERED = re.compile(
    r"\s*(?:re|aw|sv|vs|antw|odp|r|ynt|回复|答复|ответ|转发|fwd?|wg|tr|rv|enc|doorst|i|vb|pd)\s?(?:\[\d{1,3}\])?\s*[:：]", re.IGNORECASE
)
