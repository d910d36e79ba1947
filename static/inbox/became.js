/** How far a mail of ours got, as an event tells it: the word for its mark, the other server's words, and why. Pure. */
export function became({ kind, body }) {
  const words = { "mail.bounced": body.hard ? "gone" : "bounced" };
  return { word: words[kind] ?? kind.slice("mail.".length), said: body.said ?? "", cause: body.cause ?? "" };
}
