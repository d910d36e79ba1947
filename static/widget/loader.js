/**
 * The one script on the host page: a button, and our iframe behind it. Knows no conversation; talks to the iframe alone, by
 * postMessage with checked origins. Runs as classic script and as module.
 */
(() => {
  "use strict";
  const script = document.currentScript || document.querySelector('script[data-site][src*="/widget.js"]');
  if (!script || window.Throughline) return;
  const { site, label = "Help", hue, theme = "" } = script.dataset;
  const home = new URL(script.src).origin;
  const words = { close: "Close", chat: "Chat", one: "1 new message", many: "# new messages", offline: "offline", ...JSON.parse(script.dataset.words || "{}") };
  const keep = (name, value) => {
    try {
      const key = `throughline:${site}:${name}`;
      if (value !== undefined) localStorage.setItem(key, value);
      return localStorage.getItem(key) || "";
    } catch {
      return "";
    }
  };
  const make = (parent, tag) => parent.appendChild(document.createElement(tag));
  const host = document.createElement("throughline-widget");
  const root = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
:host{all:initial!important;--hue:186;--acc:light-dark(oklch(.48 .09 var(--hue)),oklch(.8 .105 var(--hue)));--on:light-dark(#fff,oklch(.19 .03 var(--hue)));--bg:light-dark(#fff,oklch(.215 .012 225));color-scheme:light dark}
:host([theme=light]){color-scheme:light}:host([theme=dark]){color-scheme:dark}
.all{position:fixed;inset:auto 24px 24px auto;inset-inline:auto 24px;z-index:2147483000;display:grid;justify-items:end;gap:14px;pointer-events:none;font:15px/1.4 ui-sans-serif,system-ui,sans-serif}
.all>*{pointer-events:auto}
button{all:unset;box-sizing:border-box;position:relative;display:inline-flex;align-items:center;gap:10px;min-height:56px;padding:0 20px 0 17px;border-radius:28px;background:var(--acc);color:var(--on);font-weight:600;cursor:pointer;box-shadow:0 1px 2px #0001,0 10px 28px -8px #0005}
button.off{background:var(--bg);color:light-dark(#1a2328,#eef);border:1px solid #8888}
button:focus-visible{outline:3px solid oklch(.52 .19 258);outline-offset:3px}
svg{width:24px;height:24px;flex:none;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
small{font-size:13px;font-weight:400;opacity:.8}
b{position:absolute;inset:-5px -3px auto auto;min-width:20px;box-sizing:border-box;padding:0 6px;border-radius:10px;background:#b3261e;color:#fff;font-size:12px;line-height:20px;text-align:center}
b:empty,small:empty{display:none}
iframe{box-sizing:border-box;width:376px;height:min(660px,100dvh - 120px);border:0;border-radius:20px;background:var(--bg);color-scheme:inherit;box-shadow:0 2px 6px #0001,0 28px 64px -16px #0006;transition:opacity .19s,translate .19s}
iframe:not(.on,.peek){position:absolute;visibility:hidden;opacity:0;translate:0 8px;bottom:70px;pointer-events:none}
iframe.peek{width:min(320px,100vw - 48px);height:132px;border-radius:16px}
@media(max-width:480px){iframe.on{position:fixed;inset:0;width:100%;height:100dvh;border-radius:0}.all:has(.on)>button{display:none}}
@media(prefers-reduced-motion:reduce){iframe{transition:none}}
@media(forced-colors:active){button,iframe{border:2px solid ButtonText}}
@media print{.all{display:none}}`);
  root.adoptedStyleSheets = [sheet];
  const all = make(root, "div");
  all.className = "all";
  const button = make(all, "button");
  button.type = "button";
  // Element by element: a host page may require trusted types, which forbid markup from text.
  const svg = (parent, tag, attributes) => {
    const node = parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", tag));
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    return node;
  };
  const mark = svg(svg(button, "svg", { viewBox: "0 0 24 24", "aria-hidden": true }), "path");
  const text = make(button, "span");
  const note = make(button, "small");
  const badge = make(button, "b");
  if (theme) host.setAttribute("theme", theme);
  const tint = (number) => host.style.setProperty("--hue", number);
  tint(hue || keep("hue") || 186);

  let frame = null;
  let open = false;
  let count = 0;
  let offline = false;
  const tell = (type, more) => frame && frame.contentWindow.postMessage({ throughline: 1, type, ...more }, home);
  const draw = () => {
    mark.setAttribute("d", open ? "M6.5 9.5 12 15l5.5-5.5" : "M4 6.5A2.5 2.5 0 0 1 6.5 4h11A2.5 2.5 0 0 1 20 6.5v7a2.5 2.5 0 0 1-2.5 2.5H11l-4.5 4v-4A2.5 2.5 0 0 1 4 13.5z");
    text.textContent = open ? words.close : label;
    note.textContent = offline && !open ? words.offline : "";
    badge.textContent = count && !open ? count : "";
    button.className = offline && !open ? "off" : "";
    button.setAttribute("aria-expanded", open);
    const news = count === 1 ? words.one : words.many.replace("#", count);
    button.setAttribute("aria-label", text.textContent + (count && !open ? `, ${news}` : ""));
    if (frame) frame.classList.toggle("on", open);
  };
  const load = () => {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.title = `${words.chat}${keep("name") && ` ${keep("name")}`}`;
    frame.src = `${home}/widget/${encodeURIComponent(site)}/${theme && `?theme=${theme}`}`;
    frame.onload = () => tell("hello");
    all.prepend(frame);
  };
  const show = (now) => {
    if (now) load();
    const back = open && !now;
    open = now;
    draw();
    tell(open ? "open" : "close", { page: location.origin + location.pathname });
    if (open) frame.focus();
    else if (back) button.focus();
  };
  const said = {
    ready: ({ blocked }) => {
      if (blocked) tell("token", { token: keep("token") });
      if (open) show(true);
    },
    close: () => open && show(false),
    open: () => show(true),
    unread: (news) => {
      count = news.count;
      offline = news.offline;
      draw();
    },
    peek: ({ on }) => frame.classList.toggle("peek", on && !open),
    token: ({ token }) => keep("token", token),
    known: () => keep("known", "1"),
    look: (look) => {
      tint(keep("hue", look.hue));
      frame.title = `${words.chat} ${keep("name", look.name)}`;
    },
  };
  addEventListener("message", ({ source, origin, data }) => {
    if (!frame || source !== frame.contentWindow || origin !== home || !data || data.throughline !== 1) return;
    if (Object.prototype.hasOwnProperty.call(said, data.type)) said[data.type](data);
  });
  button.addEventListener("click", () => show(!open));
  button.addEventListener("pointerenter", load, { once: true });
  root.addEventListener("keydown", (event) => event.key === "Escape" && open && show(false));
  window.Throughline = { open: () => show(true), close: () => show(false) };
  const begin = () => {
    draw();
    document.body.append(host);
    // Somebody who has written before may have an answer waiting: look for it once the page itself is done.
    if (keep("known")) (window.requestIdleCallback || setTimeout)(load);
  };
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
})();
