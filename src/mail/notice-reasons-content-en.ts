import type { Reason } from "./notice-words.ts";

const AGAIN =
  "Send the message again. If it fails again, pass this notice on to your e-mail " +
  "administrator.";
const OTHER_FORM =
  "Send the content in another form: as plain text, or as a file in a usual format.";
const PASS_ON = "Pass this notice on to your e-mail administrator.";
const PLAIN_ADDRESS = "Ask the recipient for an address in plain letters.";
const LATER = "Send the message again later.";
const NEW_ADDRESS = "Ask the recipient for the new address.";
const DKIM =
  "Pass this notice on to your e-mail administrator: the domain's DKIM signature needs " +
  "attention.";
const SPF =
  "Pass this notice on to your e-mail administrator: the domain's SPF record needs attention.";
const LET_OUTSIDERS = "Ask the recipient to let outside senders write.";
const TELL = "Tell the recipient in another way.";

/** Subjects 5 to 7: protocol, content, security and policy. @see DELIVERY_REASONS */
export const CONTENT_REASONS: Readonly<Record<string, Reason>> = {
  "5": {
    what: "Two mail systems on the way did not understand each other.",
    advice: AGAIN,
    owner: "serverAdmin",
  },
  "6": {
    what: "A mail system on the way could not handle the content of the message.",
    advice: OTHER_FORM,
    owner: "you",
  },
  "7": {
    what: "A security or policy setting does not allow this message.",
    advice:
      "Read the response of the mail system below: it usually names the rule. Ask the " +
      "recipient to have it changed if the message is legitimate.",
    owner: "recipientAdmin",
  },
  "5.0": {
    what: "The recipient's mail system answered in a way that makes no sense.",
    advice: "Send the message again. If it fails again, tell the recipient in another way.",
    owner: "recipientAdmin",
  },
  "5.1": {
    what: "The recipient's mail system does not know a command that it was given.",
    advice: AGAIN,
    owner: "serverAdmin",
  },
  "5.2": {
    what: "The recipient's mail system did not understand a command that it was given.",
    advice: AGAIN,
    owner: "serverAdmin",
  },
  "5.3": {
    what: "The message has too many recipients.",
    advice: "Send it to fewer recipients at a time.",
    owner: "you",
  },
  "5.4": {
    what: "An address or a name in the message is not valid for the recipient's mail system.",
    advice: "Check the address for unusual characters and send the message again.",
    owner: "you",
  },
  "5.5": {
    what: "The mail systems on the way use different versions of the protocol.",
    advice: PASS_ON,
    owner: "serverAdmin",
  },
  "5.6": {
    what: "The message is not valid for the recipient's mail system.",
    advice: "Send the message again in a simpler form, for example as plain text.",
    owner: "you",
  },
  "6.0": {
    what: "There is a problem with the content of the message.",
    advice: OTHER_FORM,
    owner: "you",
  },
  "6.1": {
    what: "The recipient's mail system does not take content of this kind.",
    advice: OTHER_FORM,
    owner: "you",
  },
  "6.2": {
    what: "The content would have to be converted on its way, which is not allowed for it.",
    advice: "Send the message without a signature or encryption, or in another form.",
    owner: "you",
  },
  "6.3": {
    what:
      "The recipient's mail system cannot take the content as it is, and converting it would " +
      "damage it.",
    advice:
      "Send the message without a digital signature, or put the content into an attached file.",
    owner: "you",
  },
  "6.4": {
    what: "The content was converted on its way and has lost something.",
    advice: "Ask the recipient whether the message can be read.",
    owner: "you",
  },
  "6.5": {
    what: "The content had to be converted on its way and could not be.",
    advice: OTHER_FORM,
    owner: "you",
  },
  "6.6": {
    what: "The content of the message is no longer there.",
    advice: "Send the message again.",
    owner: "serverAdmin",
  },
  "6.7": {
    what: "An address has letters beyond a to z, which the recipient's mail system cannot handle.",
    advice: PLAIN_ADDRESS,
    owner: "recipientAdmin",
  },
  "6.8": {
    what:
      "The mail system would have to answer with letters beyond a to z, which is not possible " +
      "here.",
    advice: PLAIN_ADDRESS,
    owner: "recipientAdmin",
  },
  "6.9": {
    what:
      "The header of the message has letters beyond a to z, which the recipient's mail system " +
      "cannot handle.",
    advice:
      "Use an address in plain letters for yourself and all recipients, and send the message " +
      "again.",
    owner: "recipientAdmin",
  },
  "6.11": {
    what: "The message has characters that are not allowed in mail.",
    advice:
      "Send the message with another mail program, or report this notice to whoever keeps the " +
      "application that sent it.",
    owner: "you",
  },
  "7.0": {
    what: "A security setting does not allow this message.",
    advice: "Read the response of the mail system below, and ask your e-mail administrator.",
    owner: "recipientAdmin",
  },
  "7.1": {
    what: "You may not send to this recipient, or the content of the message is not allowed.",
    advice:
      "Ask the recipient to let your address through. Read the response of the mail system " +
      "below: it may name the rule.",
    owner: "recipientAdmin",
  },
  "7.2": {
    what: "You may not send to this group.",
    advice: "Ask the owner of the group for permission.",
    owner: "recipientAdmin",
  },
  "7.3": {
    what: "The mail systems could not agree on the security that the message needs.",
    advice: PASS_ON,
    owner: "serverAdmin",
  },
  "7.4": {
    what: "The mail systems have no security function in common.",
    advice: PASS_ON,
    owner: "serverAdmin",
  },
  "7.5": {
    what: "The message could not be encrypted or signed as it has to be.",
    advice: PASS_ON,
    owner: "serverAdmin",
  },
  "7.6": {
    what: "The protection that the message needs is not available.",
    advice: PASS_ON,
    owner: "serverAdmin",
  },
  "7.7": {
    what: "The message was changed on its way.",
    advice: "Send the message again.",
    owner: "serverAdmin",
  },
  "7.8": {
    what: "The user name or password that was used for sending is wrong.",
    advice: "Check the user name and password in your mail program or application.",
    owner: "you",
  },
  "7.9": {
    what: "The way of logging in that was used is not safe enough.",
    advice: "Choose another way of logging in, in your mail program or application.",
    owner: "you",
  },
  "7.520": {
    what: "The recipient's mail is forwarded outside, which the organization does not allow.",
    advice: "Reach the recipient in another way, and tell of this notice.",
    owner: "recipientAdmin",
  },
  "7.10": {
    what: "The connection has to be encrypted and is not.",
    advice: "Switch encryption (TLS) on in your mail program or application.",
    owner: "you",
  },
  "7.11": {
    what: "Logging in in this way needs an encrypted connection.",
    advice: "Switch encryption (TLS) on in your mail program or application.",
    owner: "you",
  },
  "7.12": {
    what: "The recipient takes mail only from known senders, and you were not logged in.",
    advice: "Log in to your mail account to send, or ask the recipient to let everybody write.",
    owner: "recipientAdmin",
  },
  "7.13": {
    what: "The account that sends is switched off.",
    advice: "Ask your e-mail administrator.",
    owner: "serverAdmin",
  },
  "7.14": {
    what: "The mail systems do not trust each other as this message needs it.",
    advice: PASS_ON,
    owner: "serverAdmin",
  },
  "7.15": {
    what: "The message is not urgent enough to be taken just now.",
    advice: LATER,
    owner: "nobody",
  },
  "7.16": {
    what: "The message is too large for its urgency just now.",
    advice: "Send the message again later, or without attachments.",
    owner: "you",
  },
  "7.17": {
    what: "The mailbox has changed hands since you last wrote to it.",
    advice: NEW_ADDRESS,
    owner: "you",
  },
  "7.18": {
    what: "The domain has changed hands since you last wrote to it.",
    advice: NEW_ADDRESS,
    owner: "you",
  },
  "7.20": {
    what: "The message has no valid signature of its domain.",
    advice: DKIM,
    owner: "serverAdmin",
  },
  "7.21": {
    what: "The message's signature is not one that the recipient's mail system accepts.",
    advice: DKIM,
    owner: "serverAdmin",
  },
  "7.22": {
    what: "The message is not signed by the domain of its author.",
    advice: DKIM,
    owner: "serverAdmin",
  },
  "7.23": {
    what: "Your domain does not allow the server that sent the message to send for it (SPF).",
    advice: SPF,
    owner: "serverAdmin",
  },
  "7.24": {
    what: "Your domain's statement on who may send for it (SPF) cannot be read.",
    advice: SPF,
    owner: "serverAdmin",
  },
  "7.25": {
    what: "The server that sent the message has no name that fits its address.",
    advice:
      "Pass this notice on to your e-mail administrator: the server's reverse DNS entry needs " +
      "attention.",
    owner: "serverAdmin",
  },
  "7.26": {
    what: "The message could not be proved to come from your domain.",
    advice:
      "Pass this notice on to your e-mail administrator: the domain's SPF and DKIM need " +
      "attention.",
    owner: "serverAdmin",
  },
  "7.27": {
    what: "Your domain says that it takes no mail, so nothing from it is accepted.",
    advice: PASS_ON,
    owner: "serverAdmin",
  },
  "7.28": {
    what: "Too much mail came from your server or account in a short time.",
    advice: "Wait and send the message again later.",
    owner: "serverAdmin",
  },
  "7.29": {
    what: "The signatures that the message collected on its way are not valid.",
    advice:
      "Send the message to the recipient directly rather than through a list or a forwarding " +
      "address.",
    owner: "serverAdmin",
  },
  "7.30": {
    what:
      "The recipient's mail system cannot give the encryption that the message demands " +
      "(REQUIRETLS).",
    advice: "Ask the recipient for another address, or send the message without that demand.",
    owner: "recipientAdmin",
  },
  "7.54": {
    what: "The server does not pass mail on to domains outside its own for this sender.",
    advice: "Log in to your mail account to send, or ask your e-mail administrator.",
    owner: "you",
  },
  "7.57": {
    what: "The server takes no mail from senders who have not logged in.",
    advice: "Set a user name and password for sending in your mail program or application.",
    owner: "you",
  },
  "7.60": {
    what: "You may not send in the name of this sender.",
    advice: "Send from your own address, or ask for the right to send for the other.",
    owner: "you",
  },
  "7.64": {
    what: "The recipient's mail system does not take mail from this server for that domain.",
    advice: PASS_ON,
    owner: "recipientAdmin",
  },
  "7.124": {
    what: "The recipient takes mail only from certain senders, and you are not among them.",
    advice: "Ask the recipient or the owner of the group to be let through.",
    owner: "recipientAdmin",
  },
  "7.133": {
    what: "The group takes mail only from senders inside its organization.",
    advice: "Ask the owner of the group to let outside senders write.",
    owner: "recipientAdmin",
  },
  "7.134": {
    what: "The mailbox takes mail only from senders inside its organization.",
    advice: LET_OUTSIDERS,
    owner: "recipientAdmin",
  },
  "7.135": {
    what: "The folder takes mail only from senders inside its organization.",
    advice: LET_OUTSIDERS,
    owner: "recipientAdmin",
  },
  "7.136": {
    what: "The recipient takes mail only from senders inside its organization.",
    advice: LET_OUTSIDERS,
    owner: "recipientAdmin",
  },
  "7.321": {
    what: "The recipient's mail system does not offer the encryption that its domain promises.",
    advice: TELL,
    owner: "recipientAdmin",
  },
  "7.322": {
    what: "The certificate of the recipient's mail system has expired.",
    advice: TELL,
    owner: "recipientAdmin",
  },
  "7.323": {
    what: "The recipient's domain publishes a wrong fingerprint of its certificate (DANE).",
    advice: TELL,
    owner: "recipientAdmin",
  },
  "7.324": {
    what: "The name service of the recipient's domain is not signed correctly (DNSSEC).",
    advice: TELL,
    owner: "recipientAdmin",
  },
  "7.325": {
    what: "The certificate of the recipient's mail system bears another name.",
    advice: TELL,
    owner: "recipientAdmin",
  },
  "4.7.0": {
    what: "The mail system does not take this message just now for a reason of security.",
    advice: LATER,
    owner: "recipientAdmin",
  },
  "4.7.1": {
    what: "The mail system asks to be tried again later; it may not know you yet.",
    advice:
      "Send the message again later. If it fails again, ask the recipient to let your address " +
      "through.",
    owner: "recipientAdmin",
  },
};
