"""Answer, quote and signature: over the fixture sets with floors, over twelve languages, and in linear time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.charset import clean
from mailgateway.parser import parse
from mailgateway.quotes import MARKER_TOKEN, MARKERS, split
from tests.mailgateway import mails

ANSWERS = mails.table("answers.json")


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_answers_of_the_reply_parser_sets_are_found_as_a_reader_finds_them() -> None:
    right = [name for name, answer in ANSWERS.items() if squeezed(split(clean(mails.raw(name).decode("utf-8"))).answer) == answer]
    assert len(ANSWERS) == 69 - 1
    # What is missed is a company's banner and a disclaimer, which stay visible in the answer.
    assert len(right) >= len(ANSWERS) - 2, sorted(set(ANSWERS) - set(right))


@pytest.mark.parametrize("path", sorted((mails.FOLDER / "talon-standard-replies").glob("*.eml")), ids=lambda path: path.stem)
def test_the_standard_replies_of_mail_programs_are_hello(path: Path) -> None:
    found = split(parse(path.read_bytes()).text)
    beside = path.with_name(f"{path.stem}_reply_text")
    assert found.answer.strip() == "Hello"
    if beside.exists():
        assert squeezed(f"{found.answer} {found.signature}") == squeezed(beside.read_text("utf-8"))


ATTRIBUTIONS = [
    "On Tue, 3 Mar 2026 at 10:12, Tom Reed <tom@shop.example> wrote:",
    "On Tue, 3 Mar 2026 at 10:12, Tom Reed\n<support+aeaaaaaaaaaaabiaaaaaciaaaaadgx7gtog7p@shop.example> wrote:",
    "On 3 Mar 2026, at 10:12, Tom Reed\n<tom@shop.example>\nwrote:",
    "Tom Reed <tom@shop.example> wrote:",
    "Am Di., 3. März 2026 um 10:12 Uhr schrieb Tom Reed <tom@shop.example>:",
    "Am 03.03.26 um 10:12 schrieb Tom Reed:",
    "Tom Reed <tom@shop.example> schrieb am 3. März 2026 um 10:12:",
    "Le mar. 3 mars 2026 à 10:12, Tom Reed <tom@shop.example> a écrit :",
    "Op di 3 mrt 2026 om 10:12 schreef Tom Reed <tom@shop.example>:",
    "Op 3 mrt. 2026 om 10:12 heeft Tom Reed <tom@shop.example> het volgende geschreven:",
    "Den tir. 3. mar. 2026 kl. 10.12 skrev Tom Reed <tom@shop.example>:",
    "Den tis 3 mars 2026 kl 10:12 skrev Tom Reed <tom@shop.example>:",
    "3 mars 2026 kl. 10:12 skrev Tom Reed <tom@shop.example>:",
    "W dniu 3.03.2026 o 10:12, Tom Reed pisze:",
    "wt., 3 mar 2026 o 10:12 Tom Reed <tom@shop.example> napisał(a):",
    "2026年3月3日(火) 10:12 Tom Reed <tom@shop.example>:",
    "Il giorno mar 3 mar 2026 alle ore 10:12 Tom Reed <tom@shop.example> ha scritto:",
    "El mar, 3 mar 2026 a las 10:12, Tom Reed (<tom@shop.example>) escribió:",
    "Em ter., 3 de mar. de 2026 às 10:12, Tom Reed <tom@shop.example> escreveu:",
    "вт, 3 мар. 2026 г. в 10:12, Tom Reed <tom@shop.example>:",
    "3 марта 2026 г., в 10:12, Tom Reed <tom@shop.example> написал(а):",
    "On Tue, 3 Mar 2026 10:12:13 +0100\nTom Reed <tom@shop.example> wrote:",
]


@pytest.mark.parametrize("line", ATTRIBUTIONS)
@pytest.mark.parametrize("mark", ["> ", ""], ids=["marked", "unmarked"])
def test_the_line_above_a_quote_is_known_in_many_languages(line: str, mark: str) -> None:
    found = split(f"Yes please.\n\n{line}\n\n{mark}Shall we send it?\n")
    assert found.answer == "Yes please."
    assert squeezed(found.quoted) == squeezed(f"{line} {mark}Shall we send it?")


HEADINGS = [
    "From: Tom\nSent: Tuesday\nTo: Nadia\nSubject: Lamp",
    "Von: Tom\nGesendet: Dienstag\nAn: Nadia\nBetreff: Lampe",
    "De : Tom\nEnvoyé : mardi\nÀ : Nadia\nObjet : Lampe",
    "Van: Tom\nVerzonden: dinsdag\nAan: Nadia\nOnderwerp: Lamp",
    "Fra: Tom\nSendt: tirsdag\nTil: Nadia\nEmne: Lampe",
    "Från: Tom\nSkickat: tisdag\nTill: Nadia\nÄmne: Lampa",
    "Od: Tom\nWysłano: wtorek\nDo: Nadia\nTemat: Lampa",
    "差出人: Tom\n送信日時: 2026年3月3日\n宛先: Nadia\n件名: Lamp",
    "Da: Tom\nInviato: martedì\nA: Nadia\nOggetto: Lampada",
    "De: Tom\nEnviado el: martes\nPara: Nadia\nAsunto: Lámpara",
    "De: Tom\nEnviada em: terça\nPara: Nadia\nAssunto: Lâmpada",
    "От: Tom\nОтправлено: вторник\nКому: Nadia\nТема: Лампа",
]


@pytest.mark.parametrize("block", HEADINGS, ids=lambda block: block.split(":")[0])
@pytest.mark.parametrize("rule", ["", "________________________________\n", "-----Original Message-----\n"], ids=["bare", "rule", "words"])
def test_copied_header_lines_begin_the_history(block: str, rule: str) -> None:
    found = split(f"Yes please.\n\n{rule}{block}\n\nShall we send it?\n")
    assert found.answer == "Yes please."
    assert found.quoted.endswith("Shall we send it?")


@pytest.mark.parametrize("marker", [*MARKERS.values(), f"-- Bitte oben antworten! -- {MARKER_TOKEN}"])
@pytest.mark.parametrize("mark", ["", "> "], ids=["unmarked", "marked"])
def test_our_marker_line_ends_the_answer(marker: str, mark: str) -> None:
    found = split(f"Yes please.\n\n{mark}{marker}\n{mark}\n{mark}Shall we send it?\n")
    assert found.answer == "Yes please."


def test_answers_between_and_below_quotes_are_answers() -> None:
    text = "On 3 Mar 2026, Tom wrote:\n> Which colour?\n\nGreen.\n\n> And when?\nFriday.\n\n> Best, Tom\n"
    assert split(text).answer == "Green.\n\nFriday."


def test_a_forwarded_mail_is_content() -> None:
    block = "From: Tom <tom@shop.example>\nDate: Tue\nSubject: Lamp"
    text = f"Please look at this:\n\n---------- Forwarded message ---------\n{block}\n\nIt broke.\n-- \nTom\n"
    assert split(text).answer == text.rstrip("\n")
    alone = "From: Tom\nSent: Tuesday\nTo: Nadia\nSubject: Lamp\n\nIt broke.\n"
    assert split(alone).answer == alone.rstrip("\n")


@pytest.mark.parametrize(
    "line", ["Sent from my iPhone", "Von meinem iPhone gesendet", "Envoyé de mon iPhone", "iPhoneから送信", "-- \nNadia Lang\nLamps & Co."]
)
def test_signatures_are_marked(line: str) -> None:
    found = split(f"Yes please.\n\n{line}\n")
    assert (found.answer, found.signature) == ("Yes please.", line)


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote: it is broken.",
        "As I wrote on 12 May:\nthe lamp is broken.",
        "From: the shop\nI got a lamp.",
        "Sent from my desk, it is easier.",
        "The list:\n- red\n- green\n-5 pieces",
        "Look -- this is no signature.",
        "On the 3rd it broke.\nOn the 4th too.",
    ],
)
def test_what_only_looks_like_a_quote_stays_answer(text: str) -> None:
    assert split(text).answer == text


def test_a_mail_of_a_signature_alone_is_shown() -> None:
    assert split("-- \nNadia").answer == "-- \nNadia"


@given(
    st.lists(
        st.sampled_from(
            ["> q", "a", "", "-- ", "On 3 Mar 2026, Tom wrote:", "From: x", "Sent: y", "To: z", "____________", *MARKERS.values()]
        )
    )
)
def test_the_pieces_joined_are_the_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert "".join(piece.text for piece in split(text).pieces) == text


@given(st.text())
def test_the_pieces_of_any_text_joined_are_the_text(text: str) -> None:
    assert "".join(piece.text for piece in split(text).pieces) == text


@pytest.mark.parametrize(
    "unit",
    [
        "On ",
        "On \n",
        "On 1\n",
        "On On On On On On On On On On On On On\n",
        "On " * 120 + ":\n",
        "On 2026 a@b.c wrote\n",
        "wrote:\n",
        "> ",
        ">\n",
        "From: x\n",
        "From: x\nTo: y\na\na\na\n",
        "____\n",
        "a@",
        "a@b\n",
        "<",
        "2020-" + "<" * 300 + "\n",
        "-- \n",
        "--\n\n",
        "Mon ",
        "-Aa\n\n",
        "\n",
        " ",
        "Sent from my ",
    ],
    ids=repr,
)
def test_a_quarter_of_a_megabyte_of_anything_takes_a_moment(unit: str) -> None:
    text = unit * (240 * 1024 // len(unit))
    taken = []
    for _ in range(3):
        began = time.process_time()
        split(text)
        taken.append(time.process_time() - began)
    assert min(taken) < 0.1
