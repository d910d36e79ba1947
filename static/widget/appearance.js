/**
 * Light, dark, or as the device has it.
 */
import { _ } from "../core/i18n.js";
import { recall, remember } from "./memory.js";

const LOOKS = ["", "light", "dark"];

/** What is chosen, as a word. */
export const appearance = () => ({ light: _("light"), dark: _("dark") })[recall("look")] ?? _("as this device");

export function nextAppearance() {
  remember("look", LOOKS[(LOOKS.indexOf(recall("look")) + 1) % LOOKS.length]);
  showAppearance();
}

/** Pins light or dark if the customer chose one, or else the host page. */
export function showAppearance(preset = "") {
  const look = recall("look") || preset;
  if (look) document.documentElement.dataset.theme = look;
  else delete document.documentElement.dataset.theme;
}
