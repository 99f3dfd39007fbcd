import type { Reason } from "./notice-words.ts";

const CHECK_DOMAIN =
  "Check what stands after the @ in the address, and send the message again later.";
const PASS_ON = "Pass this notice on to your e-mail administrator.";
const TELL = "Tell the recipient in another way.";
const LATER = "Send the message again later.";

/**
 * Subjects 0 to 4 of RFC 3463 with the IANA registry and reference §6.5: addresses, mailboxes,
 * systems, networks. Keys as in `NoticeTexts.reasons`; for readers who know nothing of mail.
 */
export const DELIVERY_REASONS: Readonly<Record<string, Reason>> = {
  "": {
    what:
      "The message could not be delivered, and the mail system did not say why in a form that " +
      "can be explained here.",
    advice:
      "Read the response of the mail system below. If it does not help you, send this notice " +
      "to your e-mail administrator.",
    owner: "serverAdmin",
  },
  "1": {
    what: "There is a problem with the recipient's address.",
    advice:
      "Check the address for mistakes and send the message again. If it is right, ask the " +
      "recipient in another way.",
    owner: "you",
  },
  "2": {
    what: "There is a problem with the recipient's mailbox.",
    advice: "Reach the recipient in another way, and ask for the mailbox to be looked at.",
    owner: "recipientAdmin",
  },
  "3": {
    what: "A mail system on the way could not take the message.",
    advice:
      "Send the message again later. If it fails again, pass this notice on to your e-mail " +
      "administrator.",
    owner: "serverAdmin",
  },
  "4": {
    what: "The mail system of the recipient could not be reached.",
    advice: CHECK_DOMAIN,
    owner: "recipientAdmin",
  },
  "0.0": {
    what: "The mail system refused the message without saying exactly why.",
    advice:
      "Read the response of the mail system below. If it does not help you, pass this notice " +
      "on to your e-mail administrator.",
    owner: "recipientAdmin",
  },
  "0.350": {
    what: "The recipient's mail system refused the message for a reason of its own.",
    advice:
      "Read the response of the mail system below, and ask the recipient to have it looked at.",
    owner: "recipientAdmin",
  },
  "1.0": {
    what: "The sender's or the recipient's address was not accepted.",
    advice:
      "Check both addresses. If they are right, the recipient may have blocked you: ask in " +
      "another way.",
    owner: "you",
  },
  "1.1": {
    what: "The recipient's address was not found: there is no such mailbox.",
    advice:
      "Check the part before the @ for mistakes and send the message again. If your mail " +
      "program completed the address for you, remove it from the list of suggestions and type " +
      "it in full.",
    owner: "you",
  },
  "1.2": {
    what: "The domain in the recipient's address does not exist or takes no mail of this kind.",
    advice: "Check the part after the @ for mistakes and send the message again.",
    owner: "you",
  },
  "1.3": {
    what: "The recipient's address is not written in a form that a mail system understands.",
    advice: "Check the address for missing or surplus characters and send the message again.",
    owner: "you",
  },
  "1.4": {
    what: "The recipient's address stands for more than one mailbox, or is reserved.",
    advice: "Ask the recipient for another address.",
    owner: "recipientAdmin",
  },
  "1.5": {
    what: "The recipient's address is reserved and cannot receive mail.",
    advice: "Ask the recipient for the right address.",
    owner: "you",
  },
  "1.6": {
    what: "The mailbox has moved, or its address is of a kind that takes no mail.",
    advice: "Ask the recipient for the new address.",
    owner: "recipient",
  },
  "1.7": {
    what: "Your own address, as the message gives it, is not valid.",
    advice: "Check the address in the settings of your mail program or application.",
    owner: "you",
  },
  "1.8": {
    what:
      "Your own address was not accepted: its domain cannot receive replies, or it may not " +
      "send just now.",
    advice: "Ask your e-mail administrator to look at your address and its domain.",
    owner: "serverAdmin",
  },
  "1.9": {
    what: "The mail system that should forward the message cannot deliver notices for it.",
    advice: PASS_ON,
    owner: "serverAdmin",
  },
  "1.10": {
    what:
      "The recipient was not found. The address does not exist, or its domain takes no mail at " +
      "all.",
    advice:
      "Check the address for mistakes and send the message again. If it is right, ask the " +
      "recipient for another one.",
    owner: "you",
  },
  "1.90": {
    what: "You have sent to as many recipients as are allowed in one day.",
    advice: "Wait a day and send the message again. Use a mailing service for large mailings.",
    owner: "you",
  },
  "2.0": {
    what: "The recipient's mailbox could not take the message.",
    advice: "Send the message again later. If it fails again, tell the recipient in another way.",
    owner: "recipientAdmin",
  },
  "2.1": {
    what: "The recipient's mailbox is switched off, or holds this message back.",
    advice: TELL,
    owner: "recipientAdmin",
  },
  "2.2": {
    what: "The recipient's mailbox is full.",
    advice: "Tell the recipient in another way, and send the message again once there is room.",
    owner: "recipient",
  },
  "2.3": {
    what: "The message is larger than the recipient may receive.",
    advice: "Send it without attachments or with smaller ones, or share the files by a link.",
    owner: "you",
  },
  "2.4": {
    what: "The group could not be expanded into its members.",
    advice: "Send the message to the members one by one, or ask the owner of the group.",
    owner: "recipientAdmin",
  },
  "2.14": {
    what: "The recipient's mailbox forwards its mail to an address that does not work.",
    advice: TELL,
    owner: "recipient",
  },
  "2.121": {
    what: "The recipient has had too many messages from you in a short time.",
    advice: "Wait an hour and send the message again.",
    owner: "you",
  },
  "2.122": {
    what: "The recipient has had too many messages in a short time.",
    advice: "Wait an hour and send the message again.",
    owner: "nobody",
  },
  "3.0": {
    what: "The message could not be processed, several times over, and was set aside.",
    advice: "Send the message again in a simpler form, for example as plain text.",
    owner: "serverAdmin",
  },
  "3.1": {
    what: "The mail system has no room for the message.",
    advice: LATER,
    owner: "recipientAdmin",
  },
  "3.2": {
    what: "The mail system takes no messages just now.",
    advice: LATER,
    owner: "recipientAdmin",
  },
  "3.3": {
    what: "The recipient's mail system lacks a function that this message needs.",
    advice: "Send the message in a simpler form, for example as plain text without attachments.",
    owner: "recipientAdmin",
  },
  "3.4": {
    what: "The message is larger than a mail system on the way allows.",
    advice:
      "Send it without attachments or with smaller ones, or share the files by a link. " +
      "Attachments grow by a third on their way.",
    owner: "you",
  },
  "3.5": {
    what: "A mail system is set up in a way that sends messages back to itself.",
    advice: PASS_ON,
    owner: "serverAdmin",
  },
  "3.6": {
    what: "The mail system changed the urgency of the message.",
    advice: "You do not have to do anything.",
    owner: "nobody",
  },
  "3.190": {
    what: "The message could not be archived as the rules ask for.",
    advice: PASS_ON,
    owner: "serverAdmin",
  },
  "4.0": {
    what: "The message could not be passed on because of a network problem.",
    advice: LATER,
    owner: "recipientAdmin",
  },
  "4.1": {
    what: "The recipient's mail system does not answer.",
    advice: CHECK_DOMAIN,
    owner: "recipientAdmin",
  },
  "4.2": {
    what: "The connection to the recipient's mail system broke off.",
    advice: LATER,
    owner: "recipientAdmin",
  },
  "4.3": {
    what: "The address of the recipient's mail system could not be looked up just now.",
    advice: CHECK_DOMAIN,
    owner: "recipientAdmin",
  },
  "4.4": {
    what:
      "No way to the recipient's domain is known: the domain does not exist, or nothing leads " +
      "to it.",
    advice: "Check what stands after the @ in the address, and send the message again.",
    owner: "you",
  },
  "4.5": {
    what: "The recipient's mail system is overloaded.",
    advice: LATER,
    owner: "recipientAdmin",
  },
  "4.6": {
    what: "The message went round in a circle between mail systems.",
    advice: PASS_ON,
    owner: "serverAdmin",
  },
  "4.7": {
    what:
      "The message could not be delivered in the time allowed. It was tried again and again " +
      "all that time.",
    advice:
      "Check the address. If it is right, the recipient's mail system is out of order: reach " +
      "the recipient in another way.",
    owner: "recipientAdmin",
  },
  "4.8": {
    what: "The rules for addresses send the message round in a circle.",
    advice: PASS_ON,
    owner: "serverAdmin",
  },
  "4.14": {
    what: "The message went through too many mail systems, probably in a circle.",
    advice: PASS_ON,
    owner: "serverAdmin",
  },
  "4.300": {
    what: "The message could not be delivered in the time allowed.",
    advice: "Check the address. If it is right, reach the recipient in another way.",
    owner: "recipientAdmin",
  },
  "4.316": {
    what: "The recipient's mail system refuses connections.",
    advice: CHECK_DOMAIN,
    owner: "recipientAdmin",
  },
  "4.2.1": {
    what: "The recipient's mailbox takes no mail just now.",
    advice: LATER,
    owner: "recipientAdmin",
  },
  "4.4.2": {
    what: "The connection to the recipient's mail system broke off, or too much mail came at once.",
    advice: LATER,
    owner: "recipientAdmin",
  },
};
