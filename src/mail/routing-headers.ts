import type { HeaderEdit } from "./header-edit.ts";

/** Takes out what tells the way of a message, and who has sent it on (reference §4.7). */
export const REMOVE_ROUTING: readonly HeaderEdit[] = [
  "Received",
  "Resent-Date",
  "Resent-From",
  "Resent-Sender",
  "Resent-To",
  "Resent-Cc",
  "Resent-Bcc",
  "Resent-Message-ID",
].map((name) => ({ kind: "remove", name }));
