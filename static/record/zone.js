/**
 * The reader's time zone: told to the server in a cookie, so that the record shows its times in it, and put into the forms that save.
 */
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";

export function tellZone() {
  const secure = location.protocol === "https:" ? "; secure" : "";
  if (zone) document.cookie = `throughline_zone=${zone}; path=/r/; max-age=31536000; samesite=lax${secure}`;
}

/** Files that are saved with this form are written in the reader's zone. */
export function fillZone(form) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "zone", value: zone });
  form.append(field);
}
