"""Texts whose charset nobody named, each in the charsets people of that language used."""

from __future__ import annotations

import pytest

from mailgateway.charset import decode
from mailgateway.reading.charset_names import codec
from mailgateway.reading.detector import detect

TEXTS = [
    ("cp1251 koi8-r cp866 iso8859-5", "Здравствуйте! Мой заказ не пришёл, прошу проверить статус доставки."),
    ("cp1253 iso8859-7", "Καλημέρα, η παραγγελία μου δεν έφτασε ακόμα."),
    ("cp1255", "שלום, ההזמנה שלי לא הגיעה. תודה רבה"),
    ("cp1256", "مرحبا، لم يصل طلبي بعد. شكرا لكم على المساعدة"),
    ("cp874", "สวัสดีครับ คำสั่งซื้อของฉันยังไม่มาถึง"),
    ("cp1252 cp850 mac_roman", "Grüße aus München, schöne Übergabe für alle"),
    ("cp1252", "Où est ma commande ? Merci d’avance, à bientôt"),
    ("cp1250 iso8859-2", "Zażółć gęślą jaźń, proszę o pomoc w sprawie zamówienia"),
    ("cp1250", "Dobrý den, moje objednávka nedorazila, děkuji"),
    ("cp1254", "Merhaba, siparişim henüz ulaşmadı. Teşekkür ederim, iyi günler dileğiyle"),
    ("cp932 euc_jp iso2022_jp", "こんにちは、注文した商品がまだ届きません。よろしくお願いします。"),
    ("gb18030", "您好，我的订单还没有收到，请帮我查一下。"),
    ("big5hkscs", "您好，我的訂單還沒有收到，請幫我查一下。"),
    ("cp949", "안녕하세요, 주문한 상품이 아직 도착하지 않았습니다."),
    ("utf-16-le utf-16-be", "Hello, my order has not come yet. Größe 42."),
]


@pytest.mark.parametrize(("name", "text"), [(name, text) for names, text in TEXTS for name in names.split()])
def test_a_text_without_a_label_is_read_in_its_own_letters(name: str, text: str) -> None:
    assert decode(text.encode(name))[0] == text


def test_one_accent_alone_is_western() -> None:
    assert decode("Größe".encode("cp1252"))[0] == "Größe"
    assert decode("café".encode("cp1252"))[0] == "café"


def test_what_reads_like_nothing_is_western_too() -> None:
    assert detect(b"\xff\xfe\x80\x81" * 50) == "cp1252"


def test_what_is_named_elsewhere_in_the_mail_is_asked_before_any_guess() -> None:
    assert decode("ランプ".encode("cp932"), hint="Shift_JIS")[0] == "ランプ"


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("UTF8", "utf-8"),
        ("'utf-8;format=flowed'", "utf-8"),
        ("ISO_8859-1:1987", "cp1252"),
        ("8859-15", "iso8859-15"),
        ("cp-850", "cp850"),
        ("win-1251", "cp1251"),
        ("x-cp1250", "cp1250"),
        ("dos-874", "cp874"),
        ("windows-31j", "cp932"),
        ("ks_c_5601-1987", "cp949"),
        ("unicode-1-1-utf-7", "utf-7"),
        ("iso-8859-8-i", "iso8859-8"),
        ("utf8mb4", "utf-8"),
        ("ansi", "cp1252"),
        ("x-mac-ce", "mac-latin2"),
        ("default", ""),
        ("unknown-8bit", ""),
        ("base64", ""),
        ("idna", ""),
        ("", ""),
    ],
)
def test_a_charset_is_known_by_all_its_names(label: str, name: str) -> None:
    assert codec(label) == name
