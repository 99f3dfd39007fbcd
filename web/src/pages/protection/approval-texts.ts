import { textsOf } from "../../base/texts.ts";

const en = {
  about:
    "Messages that a rule or a moderated recipient holds back until a moderator approves them. " +
    "The first decision counts.",
  empty: "Nothing waits for approval",
  emptyHint:
    "Rules with the action to hold a message, and recipients with moderation, put messages here.",
  subject: "Subject",
  sender: "Sender",
  recipients: "Recipients",
  heldBy: "Held by",
  received: "Since",
  expires: "Returned",
  approve: "Approve",
  deny: "Deny",
  approveTitle: "Approve this message?",
  approveHint: "It goes on to its recipients; its sender is not told.",
  denyTitle: "Deny this message?",
  comment: "What the sender is told",
  approved: "The message is on its way",
  denied: "The message goes back to its sender",
  noSubject: "(no subject)",
};

/** Texts of messages that wait for approval. */
export const texts = textsOf("protection/approval", en);
