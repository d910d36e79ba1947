"""By which words an out-of-office note, a challenge of a sender filter and an acknowledgement of another help desk are known. Data only."""

from __future__ import annotations

import re

# At the start of the subject, behind at most one "Re:" and a bracket: a person may well ask about an office further on.
SUBJECT = re.compile(
    r"(?:\s*(?:re|aw|sv|vs|antw|r|odp|res|vá|ynt|回复|答复|回覆)\s*[:：])?\s*[\[(]?\s*(?:"
    r"out[- ]of[- ](?:the[- ])?office|ooo\b[ :]|auto(?:matic(?:ally generated)?)?[- ]?(?:re(?:ply|sponse|sponder)|message|answer)\b"
    r"|autoreply|automated (?:re(?:ply|sponse)|message)|auto:"
    r"|away from (?:my|the) |i(?:'m| am) (?:currently )?(?:away|out of|on (?:vacation|leave|holiday))|(?:currently )?on (?:vacation"
    r"|holiday|annual leave|maternity leave|parental leave|leave)\b"
    r"|vacation (?:re(?:ply|sponse)|message|notice|note|autoreply)|(?:holiday|absence|away|vacation) (?:notice|message|notification|auto)"
    r"|abwesenheit|automatische? (?:antwort|abwesenheit|e-?mail-?antwort|r[uü]ckmeldung)|abwesend|(?:bin )?(?:im|in) urlaub\b"
    r"|nicht im (?:b[uü]ro|haus)\b|urlaubs(?:meldung|nachricht|vertretung)|eingangsbest[aä]tigung"
    r"|r[eé]ponse automatique|absence du bureau|absent(?:e)? du bureau|message d'absence|notification d'absence|en (?:cong[eé]s"
    r"|vacances)\b|absence\s*:"
    r"|automatisch antwoord|afwezig|automatische? (?:reactie|beantwoord)|autosvar|automatisk[t]? svar|fravær|frånvar"
    r"|automaattinen vastaus|poissa|lomalla"
    r"|automatyczna odpowied|odpowied. automatyczna|(?:nieobecno|jestem nieobec)|poza biurem|automatick[aá] odpov[eě]"
    r"|nep[rř][ií]tomnost|mimo kancel[aá]|automatikus v[aá]lasz|h[aá]zon k[ií]v[uü]l|r[aă]spuns automat|absent din birou"
    r"|risposta automatica|fuori (?:sede|ufficio)|assenza|assente|respuesta autom|fuera de (?:la )?oficina|ausencia"
    r"|mensaje de ausencia|contestaci[oó]n autom|resposta autom|fora do escrit|aus[eê]ncia|estou de f[eé]rias"
    r"|\S{0,20} ?autom[aā]tisk[aā] atbilde|arpus biroja|[aā]rpus biroja|atva[lļ]in[aā]jum|automatinis atsakymas|atostog|automaatvastus"
    r"|puhkusel|samodejni odgovor|automatski odgovor|odsotnost|odsutn|izvan ureda|аутоматски"
    r"|автоответ|автоматический ответ|автоматическое сообщение|вне офиса|в отпуске|отсутству|автовідповід|автоматична відповід"
    r"|αυτόματη απάντηση|εκτός γραφείου|otomatik (?:yan[iı]t|cevap)|ofis d[iı][sş][iı]nda"
    r"|自動(?:応答|返信|回覆|回复)|自动(?:回复|答复|应答)|不在(?:通知|連絡|のお知らせ|にして)|休暇|休假|外出|부재|자동 ?(?:응답|회신)"
    r"|trả lời tự động|balasan otomatis"
    r"|ตอบกลับอัตโนมัติ|رد تلقائي|תשובה אוטומטית|מחוץ למשרד"
    r")",
    re.IGNORECASE,
)

# What an away note says of itself in its first lines. Only asked where the mail answers something and is short.
TEXT = re.compile(
    r"\bi(?:'m| am| will be) (?:currently |presently )?(?:out of (?:the |my )?office|away from (?:the |my )?(?:office|desk|mail"
    r"|e-?mail)|on (?:annual |parental |maternity |sick )?(?:leave|vacation|holidays?))"
    r"|this is an? (?:automated|automatic|auto)[- ](?:reply|response|message|e-?mail|generated)|(?:automatically"
    r"|auto)[- ]generated (?:reply|response|message|e-?mail)"
    r"|(?:ich bin|wir sind) (?:\S{1,30} ){0,6}(?:nicht (?:im|in) (?:b[uü]ro|hause?)|im urlaub|abwesend|nicht erreichbar|au(?:ß"
    r"|ss)er haus)|dies ist eine automatische? (?:antwort|nachricht|e-?mail)"
    r"|je (?:suis|serai) (?:\S{1,30} ){0,4}(?:absente?|en (?:cong[eé]s?|vacances))|ceci est (?:une r[eé]ponse|un message) automatique"
    r"|(?:estoy|estar[eé]) (?:\S{1,30} ){0,4}(?:fuera de la oficina|de vacaciones|ausente)|(?:sono"
    r"|sar[oò]) (?:\S{1,30} ){0,4}(?:assente|fuori (?:sede|ufficio)|in ferie)|(?:estou|estarei) (?:\S{1,30} ){0,4}(?:f[eé]rias|ausente"
    r"|fora do escrit)"
    r"|ik ben (?:\S{1,30} ){0,5}(?:afwezig|niet op kantoor|op vakantie|met vakantie)|jag [aä]r (?:\S{1,30} ){0,4}(?:ledig"
    r"|p[aå] semester|inte p[aå] kontoret)|jestem (?:\S{1,30} ){0,4}(?:na urlopie|nieobecn|poza biurem)"
    r"|я (?:\S{1,30} ){0,4}(?:в отпуске|отсутствую|вне офиса)|это автоматическ\w{2,4} (?:ответ|сообщение)"
    r"|自動(?:送信|返信|応答)|本邮件为自动|自动回复",
    re.IGNORECASE,
)

CHALLENGE_SUBJECT = re.compile(
    r"(?:please )?(?:confirm|verify|authorize|authenticate) (?:your |that )?(?:(?:e-?mail )?(?:message|address|delivery"
    r"|you(?:r mail)?)|e-?mail)\b.{0,40}|sender (?:verification|authentication|confirmation)|verification (?:required|request) (?:for"
    r"|from)"
    r"|(?:message|mail|e-?mail) (?:delivery )?(?:quarantined|on hold|awaiting|held)|your (?:message|e-?mail"
    r"|mail) (?:to \S{1,90} )?(?:requires|needs|awaits|is awaiting) (?:confirmation|verification|approval)|challenge[ -]response"
    r"|spam ?arrest|\[boxbe\]|earthlink spamblocker",
    re.IGNORECASE,
)
CHALLENGE_TEXT = re.compile(
    r"(?:confirm|verify|prove|authenticate|authori[sz]e) (?:\S{1,60} ){0,12}(?:human|real person|not (?:a )?(?:spam|robot|automated)"
    r"|legitimate|sender|delivery|message|request)|challenge[ /-]response|tmda|spam ?arrest|boxbe|bluebottle|choicemail|vanquish"
    r"|active spam killer|white ?list"
    r"|(?:click|follow|visit|reply|respond|send)\b(?:\S{0,60} ){0,14}(?:confirm|verif|deliver|releas|whitelist|approved)|been (?:held"
    r"|queued|quarantined|placed|put) (?:\S{1,60} ){0,6}(?:until|pending|confirm|verif|queue)",
    re.IGNORECASE,
)
