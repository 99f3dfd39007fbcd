import { CONTENT_REASONS } from "./notice-reasons-content-en.ts";
import { DELIVERY_REASONS } from "./notice-reasons-delivery-en.ts";
import type { NoticeTexts } from "./notice-words.ts";

/** The words of a notice in English. */
export const ENGLISH: NoticeTexts = {
  kinds: {
    failed: {
      subjectPrefix: "Undeliverable: ",
      heading: "Your message was not delivered",
      intro:
        "Your message could not be delivered to the following recipients. " +
        "No further attempt will be made.",
      outro: "",
    },
    delayed: {
      subjectPrefix: "Delivery delayed: ",
      heading: "Your message is delayed",
      intro: "Your message has not been delivered to the following recipients yet.",
      outro:
        "You do not have to send it again. The server {server} keeps trying until {until} " +
        "and will tell you if it has to give up.",
    },
    relayed: {
      subjectPrefix: "Relayed: ",
      heading: "Your message was passed on",
      intro:
        "Your message was handed over to the mail servers of the following recipients. " +
        "Those servers do not report deliveries: you will hear of it again only if it goes wrong.",
      outro: "",
    },
    delivered: {
      subjectPrefix: "Delivered: ",
      heading: "Your message was delivered",
      intro: "Your message was put into the mailboxes of the following recipients.",
      outro: "",
    },
    expanded: {
      subjectPrefix: "Expanded: ",
      heading: "Your message was sent to a group",
      intro:
        "Your message was sent on to the members of the following groups. " +
        "You will not be told of its delivery to each of them.",
      outro: "",
    },
  },
  owners: {
    you: "You can put this right yourself.",
    recipient: "The recipient has to put this right.",
    recipientAdmin: "The e-mail administrator of the recipient's organization can put this right.",
    serverAdmin: "The administrator of the server {server} can put this right.",
    nobody: "Nobody has to do anything.",
  },
  labels: {
    subject: "Subject",
    sent: "Received by this server",
    advice: "What you can do",
    owner: "Who can fix it",
    saidBy: "Refused by",
    more: "and {count} more recipients, listed in the attached delivery report",
    diagnostics: "Diagnostic information for administrators",
    generating: "Generating server",
    remote: "Remote server",
    status: "Status",
    response: "Response",
    attempted: "Last attempt",
    until: "Will retry until",
    headers: "Original message headers",
    noSubject: "(no subject)",
  },
  reasons: { ...DELIVERY_REASONS, ...CONTENT_REASONS },
};
