/**
 * How each channel looks and reads to the customer. One that is not listed looks like the chat.
 */
import { _ } from "../core/i18n.js";
import { when } from "../core/time.js";

const CHAT = {
  look: "",
  mark: "chat",
  live: true,
  moved: () => _("Continued in the chat."),
  by: () => "",
  own: () => "",
  presence: () => "",
};

const CHANNELS = {
  widget: CHAT,
  email: {
    look: "mail",
    mark: "mail",
    live: false,
    moved: () => _("Continued by e-mail."),
    by: () => _("by e-mail,"),
    own: (at) => _("by e-mail, {time}", { time: when(at) }),
    presence: () => _("By e-mail"),
  },
};

/** Of an event or a thread. */
export const channelOf = ({ channel }) => CHANNELS[channel] ?? CHAT;
