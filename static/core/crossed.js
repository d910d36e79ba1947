/**
 * What was crossed out goes from the screen too: an event that says so is applied to those that are drawn already. Knows no page.
 */

/** The events as they read after `said` (frames `event` of docs/protocol.md); the same list if none of these crosses anything out. */
export function withoutCrossedOut(events, said) {
  const gone = new Map();
  for (const { body } of said) {
    if (body.of && Array.isArray(body.fields)) note(gone, body.of, body.fields);
    for (const [position, fields] of Object.entries(body.entries ?? {})) note(gone, Number(position), fields);
  }
  return gone.size ? events.map((event) => (gone.has(event.position) ? without(event, gone.get(event.position)) : event)) : events;
}

const note = (gone, position, fields) => gone.set(position, [...(gone.get(position) ?? []), ...fields]);

function without(event, fields) {
  const body = { ...event.body };
  for (const field of fields) {
    const [name, index] = field.split(".");
    if (index === undefined) delete body[name];
    else if (Array.isArray(body[name])) body[name] = body[name].filter((file) => String(file.index) !== index);
  }
  return { ...event, body, sentence: "This entry is crossed out.", crossed_out: [...new Set([...event.crossed_out, ...fields])] };
}
