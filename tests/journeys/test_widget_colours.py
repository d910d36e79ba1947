"""One number re-tints the widget; what is written on it stays readable at every hue, by day and by night."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.services import RunningServer

pytestmark = pytest.mark.journey

PAIRS = (("--on-accent", "--accent"), ("--accent", "--accent-soft"), ("--accent", "--surface"), ("--on-accent", "--accent-2"))
LEAST = 4.5
MEASURE = """([pairs, hues]) => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const probe = document.body.appendChild(document.createElement("i"));
  const luminance = (name) => {
    probe.style.setProperty("color", `var(${name})`);
    canvas.fillStyle = getComputedStyle(probe).color;
    canvas.fillRect(0, 0, 1, 1);
    const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const worst = [];
  for (const theme of ["light", "dark"]) for (const hue of hues) for (const [ink, ground] of pairs) {
    document.documentElement.dataset.theme = theme;
    document.documentElement.style.setProperty("--hue", hue);
    const [a, b] = [luminance(ink), luminance(ground)].sort((x, y) => y - x);
    worst.push([(a + 0.05) / (b + 0.05), theme, hue, ink, ground]);
  }
  return worst.sort((x, y) => x[0] - y[0]).slice(0, 3);
}"""


async def test_every_tenth_hue_is_readable_by_day_and_by_night(chromium: Browser, running_server: RunningServer) -> None:
    page = await chromium.new_page()
    await page.goto(f"{running_server.url}/sign-in/")
    worst = await page.evaluate(MEASURE, [PAIRS, list(range(0, 360, 10))])
    assert worst[0][0] >= LEAST, worst
