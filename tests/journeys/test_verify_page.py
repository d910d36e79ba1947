"""The page that checks saved files: in a real browser, with good and broken files, saying what the stand-alone verifier says."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import copy
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from chat.ledger.event import Audience
from chat.transcripts import checkpoint, everything
from chat.transcripts.everything import Contents
from chat.transcripts.transcript import render
from chat.transcripts.verifier import Broken, Unreadable, check
from tests.chat.transcripts.saved import KEY, archive, as_lines, differing, document, false_papers, far, pdf, signature, told, with_other
from tests.chat.transcripts.tampering import TAMPERINGS, Document, forged, saved
from tests.journeys.customer import Customer, phone
from tests.journeys.record import kept
from tests.journeys.shop import Shop
from tests.services import RunningServer

pytestmark = pytest.mark.journey

GOOD = "Nothing here was changed since it was sealed"
BAD = "This is not as it was sealed"
CHECK = """async ([octets, sig]) => {
  const { check } = await import("/static/record/verify/check.js");
  const { Signed } = await import("/static/record/verify/notes.js");
  const whole = Uint8Array.from(atob(octets), (character) => character.charCodeAt(0));
  try {
    return ["", ...await check(new Blob([whole]), { signature: sig, trust: new Signed() })];
  } catch (problem) {
    return [problem.where ?? "unreadable", problem.message];
  }
}"""

ASK_BOTH = """async ([key, sig]) => {
  const { signed, signedHere, unhex, utf8 } = await import("/static/record/verify/digest.js");
  const asked = (text) => [unhex(key), unhex(sig), utf8(text)];
  return [await signed(...asked("r")), signedHere(...asked("r")), await signed(...asked("s")), signedHere(...asked("s"))];
}"""


@pytest.fixture
def transcript(database: str) -> Document:
    return document(told())


async def _opened(chromium: Browser, server: RunningServer) -> Page:
    page = await chromium.new_page()
    await page.goto(f"{server.url}/verify/")
    return page


def _file(name: str, octets: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": octets}


async def test_a_good_file_is_checked_and_goes_nowhere(chromium: Browser, running_server: RunningServer, transcript: Document) -> None:
    page = await _opened(chromium, running_server)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    await page.set_input_files("#files", [_file("BR-1.json", saved(transcript))])
    await expect(page.get_by_text(GOOD)).to_be_visible()
    await expect(page.get_by_text("Checked by your browser")).to_be_visible()
    await expect(page.get_by_text("a key out of the file itself")).to_be_visible()
    await page.set_input_files("#files", [_file("BR-1.pdf", pdf(saved(transcript)))])
    await expect(page.get_by_text("printed pages are not sealed")).to_be_visible()
    whole = archive(transcript)
    sig = signature(whole, transcript["conversation"]).encode()
    await page.set_input_files("#files", [_file("BR-1.zip", whole), _file("BR-1.zip.sig", sig)])
    await expect(page.get_by_text("signature of the whole archive is good")).to_be_visible()
    fetched = {line.removeprefix(f"GET {running_server.url}") for line in asked}
    # The browser fetches the picture for its tab when it pleases, perhaps only now.
    assert fetched - {"/static/core/mark.svg"} == {"/.well-known/throughline-keys.json"}


async def test_a_broken_file_is_named_and_a_key_from_elsewhere_is_asked_for(
    chromium: Browser, running_server: RunningServer, transcript: Document
) -> None:
    page = await _opened(chromium, running_server)
    false = copy.deepcopy(transcript)
    TAMPERINGS["what somebody said reads differently"][0](false)
    await page.set_input_files("#files", [_file("BR-1.json", saved(false))])
    await expect(page.get_by_role("alert")).to_contain_text(BAD)
    await expect(page.get_by_role("alert")).to_contain_text("Entry 2: it reads differently from what was sealed.")
    made_up = forged(transcript)
    del made_up["proof"]
    await page.set_input_files("#files", [_file("BR-1.json", saved(made_up))])
    await expect(page.get_by_text("could have made it up")).to_be_visible()
    await page.get_by_text("I know the key from elsewhere").click()
    await page.get_by_label("Keys, one a line").fill(KEY)
    await page.get_by_label("Keys, one a line").blur()
    await expect(page.get_by_role("alert")).to_contain_text("a key that you gave")
    await page.set_input_files("#files", [_file("BR-1.zip", archive(transcript))])
    await expect(page.get_by_role("alert")).to_contain_text("Checked in part: its signature, BR-1.zip.sig, is not here")
    await expect(page.locator(".doubt")).to_contain_text("NOT checked, and could have been changed together with the manifest: README.txt.")
    await page.set_input_files("#files", [_file("letter.txt", b"Dear Nadia,\n")])
    await expect(page.get_by_role("alert")).to_contain_text("This cannot be checked")


async def test_what_stands_in_a_file_is_shown_as_text(chromium: Browser, running_server: RunningServer, transcript: Document) -> None:
    page = await _opened(chromium, running_server)
    transcript["entries"][0]["<img src=x onerror=alert(1)>\u202e"] = 1
    await page.set_input_files("#files", [_file("<b>\u202egnp.json", saved(transcript))])
    await expect(page.get_by_role("alert")).to_contain_text("'<img src=x onerror=alert(1)>\\u{202e}', which was not sealed")
    assert await page.locator("#results img, #results .name b").count() == 0


async def test_what_this_site_signed_and_publishes_is_known_here(chromium: Browser, running_server: RunningServer, tmp_path: Path) -> None:
    shop = Shop(running_server)
    nadia = await Customer.alone(await chromium.new_context(accept_downloads=True), shop.server.url)
    await nadia.ask("My Heron lamp came with a dent in the shade.")
    await nadia.widget.get_by_role("button", name="Save transcript").click()
    async with nadia.page.expect_download() as download:
        await nadia.widget.get_by_role("menuitem", name=re.compile("^Data JSON$")).click()
    path = await kept(await download.value, tmp_path)
    page = await _opened(chromium, running_server)
    await page.set_input_files("#files", [path])
    await expect(page.get_by_text(f"a key that {running_server.url.removeprefix('http://')} publishes as its own")).to_be_visible()
    assert await page.locator(".doubt").count() == 0


async def test_the_browser_and_the_program_agree(
    chromium: Browser, running_server: RunningServer, transcript: Document, tmp_path: Path
) -> None:
    page = await _opened(chromium, running_server)
    sig = signature(archive(transcript), transcript["conversation"])
    for name, octets in (_files(transcript) | _products(int(transcript["conversation"]))).items():
        with_sig = sig if name == "signed archive" else ""
        where, *lines = await page.evaluate(CHECK, [base64.b64encode(octets).decode(), with_sig])
        path = tmp_path / "file"
        path.write_bytes(octets)
        path.with_name("file.sig").unlink(missing_ok=True)
        if with_sig:
            path.with_name("file.sig").write_text(with_sig)
        assert (where, lines if not where else None) == _by_program(path), f"{name}: {lines}"


def _products(conversation: int) -> dict[str, bytes]:
    """Archives as the product makes them, and as somebody changed them."""
    checkpoint.make()
    whole = b"".join(render("full-record", conversation, audience=Audience.EVERYONE))
    all_of_it = b"".join(everything.write(Contents(conversations=((conversation, 0),), made_at=1_795_780_800_000_000)))
    found = {"full record": whole, "everything": all_of_it}
    for name in zipfile.ZipFile(io.BytesIO(whole)).namelist():
        found[f"another {name}"] = with_other(whole, name, b"{}")
    return found


def _by_program(path: Path) -> tuple[str, list[str] | None]:
    try:
        return "", check(path, [])
    except Broken as broken:
        return broken.where, None
    except Unreadable:
        return "unreadable", None


def _files(transcript: Document) -> dict[str, bytes]:
    found = {
        "good": saved(transcript),
        "lines": as_lines(transcript),
        "paper": pdf(saved(transcript)),
        "signed archive": archive(transcript),
    }
    for name, (tampers, _) in TAMPERINGS.items():
        false = copy.deepcopy(transcript)
        tampers(false)
        found[name] = saved(false)
    text = saved(transcript).decode()
    found |= {
        "a name twice": text.replace('"position": 2,', '"position": 9, "position": 2,', 1).encode(),
        "a number that is not whole": text.replace('"position": 2,', '"position": 2.0,', 1).encode(),
        "more behind it": saved(transcript) + b"{}",
        "cut off": saved(transcript)[:-40],
        "not UTF-8": saved(transcript).replace("“".encode(), b"\xff", 1),
        "no transcript": b"Dear Nadia,\n",
        "other data": json.dumps({"format": "something else"}).encode(),
        "an archive with more behind it": archive(transcript) + b" ",
        "an archive as above 4 GB": far(archive(transcript)),
        "an archive twice": archive(transcript) * 2,
        "an archive with another file": archive(transcript, **{"attachments/1-0-contract.pdf": b"%PDF"}),
    }
    found |= {f"a false PDF, {number}": octets for number, (octets, _) in enumerate(false_papers(saved(transcript)))}
    found |= {f"a false archive, {number}": octets for number, octets in enumerate(differing(archive(transcript)))}
    found["a label in other letters"] = saved(transcript | {"\u0435ntries\U0001f600\x7f": []})
    return found


async def test_single_octets_are_found_by_both(
    chromium: Browser, running_server: RunningServer, transcript: Document, tmp_path: Path
) -> None:
    page = await _opened(chromium, running_server)
    whole = archive(transcript)
    sig = signature(whole, transcript["conversation"])
    for at in range(0, len(whole), len(whole) // 60):
        where, *_ = await page.evaluate(CHECK, [base64.b64encode(_flipped(whole, at)).decode(), sig])
        assert where, f"octet {at}"
    text, path = saved(transcript), tmp_path / "file"
    for at in range(0, len(text), len(text) // 150):
        path.write_bytes(_flipped(text, at))
        where, *_ = await page.evaluate(CHECK, [base64.b64encode(path.read_bytes()).decode(), ""])
        assert where == _by_program(path)[0], f"octet {at}"


def _flipped(octets: bytes, at: int) -> bytes:
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]


async def test_the_code_for_browsers_without_ed25519_answers_alike(chromium: Browser, running_server: RunningServer) -> None:
    """RFC 8032, section 7.1, test 2."""
    page = await _opened(chromium, running_server)
    key = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    sig = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    answers: list[Any] = await page.evaluate(ASK_BOTH, [key, sig])
    assert answers == [True, True, False, False]


async def test_it_works_by_keyboard_and_on_a_phone(chromium: Browser, running_server: RunningServer, transcript: Document) -> None:
    context = await phone(chromium)
    page = await context.new_page()
    await page.goto(f"{running_server.url}/verify/")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.id") == "files"
    chosen = [_file("BR-1.json", saved(transcript))]
    page.on("filechooser", lambda chooser: asyncio.ensure_future(chooser.set_files(chosen)))
    # A browser that is still busy with its first picture takes no key for a press: whoever sees no dialog presses again.
    for _ in range(6):
        await page.keyboard.press("Space")
        with contextlib.suppress(AssertionError):
            await expect(page.get_by_text(GOOD)).to_be_visible(timeout=5000)
            break
    await expect(page.get_by_text(GOOD)).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
