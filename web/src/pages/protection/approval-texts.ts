import { plural, textsOf } from "../../base/texts.ts";

const en = {
  about:
    "Messages that a rule or a moderated recipient holds back until a moderator approves them. " +
    "The first decision counts.",
  empty: "Nothing waits for approval",
  emptyHint:
    "Rules with the action to hold a message, and recipients with moderation, put messages here.",
  subject: "Subject",
  sender: "Sender",
  heldBy: "Held by",
  received: "Since",
  expires: "Returned",
  approve: "Approve",
  deny: "Deny",
  decide: "Decide",
  approveTitle: (count: number) =>
    count === 1 ? "Approve this message?" : `Approve ${count} messages?`,
  approveHint: "What is approved goes on to its recipients; its sender is not told.",
  approveComment: "Why (in the message's trace)",
  denyTitle: (count: number) => (count === 1 ? "Deny this message?" : `Deny ${count} messages?`),
  denyHint: "What is denied goes back to its sender.",
  comment: "What the sender is told",
  approved: (count: number) =>
    count === 1 ? "The message is on its way" : `${count} messages are on their way`,
  denied: (count: number) =>
    count === 1
      ? "The message goes back to its sender"
      : `${count} messages go back to their senders`,
  details: "Details",
  message: "Message",
  traceIt: "Trace this message",
  selected: (count: number) => `${plural(count, "message", "messages")} selected`,
  total: (count: number) => plural(count, "message", "messages"),
  noMatch: "No message that waits is like that",
  noMatchHint: "Change or clear the filter above.",
  clear: "Clear filter",
  noSubject: "(no subject)",
};

/** Texts of messages that wait for approval. */
export const texts = textsOf("protection/approval", en);
