/**
 * Times as people read them. The server speaks in microseconds since 1970 in UTC; pages show the reader's own zone.
 */
import { _, locale } from "./i18n.js";

const DAY = 86_400_000;
const formats = new Map();

function format(options) {
  const key = locale() + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), options));
  return formats.get(key);
}

/** Now, in the server's unit. */
export const now = () => Date.now() * 1000;

export const toDate = (us) => new Date(us / 1000);

/** For `<time datetime>`. */
export const iso = (us) => toDate(us).toISOString();

/** 10:47 */
export const clock = (us) => format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(toDate(us));

/** Fri 27 Nov, with the year if it is another one than now's. */
export function day(us) {
  const date = toDate(us);
  const year = date.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
  return format({ weekday: "short", day: "numeric", month: "short", ...year }).format(date).replace(",", "");
}

let shop;

/** Promises end with a day of the shop, wherever the reader is: both sides must read the same date. */
export function shopZone(zone) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    shop = zone;
  } catch {
    shop = undefined; // a zone that this browser does not know
  }
}

/** The day a promise ends with: Fri 27 Nov, as the shop counts days. */
export function dueDay(us) {
  const year = new Date(us / 1000).getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
  return format({ weekday: "short", day: "numeric", month: "short", ...year, timeZone: shop }).format(toDate(us)).replace(",", "");
}

/** The last second of a day of the shop, given as in a date field (2026-11-27). */
export function endOfDay(date) {
  const guess = Date.parse(`${date}T23:59:59Z`);
  const shown = (at) => {
    const parts = new Intl.DateTimeFormat("en-CA", { timeZone: shop, dateStyle: "short", timeStyle: "medium", hourCycle: "h23" }).format(at);
    return Date.parse(`${parts.replace(", ", "T")}Z`);
  };
  // Twice, because the offset may change between the guess and the answer (summer time).
  const once = guess - (shown(guess) - guess);
  return (once - (shown(once) - guess)) * 1000;
}

/** Whole days from today to then, in the reader's zone: 0 today, -1 yesterday. */
export function daysAway(us) {
  const midnight = (date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(toDate(us)) - midnight(new Date())) / DAY);
}

/** The shortest that is clear: 10:47 today, Sun 19:20 within the week, else Fri 27 Nov 10:47. */
export function when(us) {
  const away = daysAway(us);
  if (away === 0) return clock(us);
  if (away < 0 && away > -7) return `${format({ weekday: "short" }).format(toDate(us))} ${clock(us)}`;
  return `${day(us)} ${clock(us)}`;
}

/** The heading of a day in a thread: Today, Yesterday, or its date. */
export function dayName(us) {
  const away = daysAway(us);
  if (away === 0) return _("Today");
  if (away === -1) return _("Yesterday");
  return day(us);
}

/** The whole of it, for titles: Friday 27 November 2026, 10:47:08. */
export function full(us) {
  return format({ dateStyle: "full", timeStyle: "medium", hourCycle: "h23" }).format(toDate(us));
}
