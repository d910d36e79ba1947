/**
 * How people are drawn: initials and a hue that stays the same for the same name. Knows no conversation.
 */

/** Tom -> T, Alice Moreau -> AM */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join("") || "?";
}

/** A class `h0` to `h11` for an avatar (css/base.css). */
export function hueClass(name) {
  let sum = 7;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return `h${sum % 12}`;
}
