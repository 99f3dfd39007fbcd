import { setting } from "./setting.ts";
import { bool, oneOf } from "./setting-types.ts";

/** Of a receive connector: who has sent a message. For strangers' mail to our own domains. */
export const SENDER_AUTHENTICATION = {
  senderAuthenticationEnabled: setting(
    bool(),
    "true",
    "Checks SPF, DKIM, DMARC, ARC and the client's name, and writes what is found into " +
      "Authentication-Results and Received-SPF. Not for clients that are authenticated, have " +
      "ms-Exch-Bypass-Anti-Spam, or may send to any recipient.",
  ),
  dmarcAction: setting(
    oneOf(["None", "Quarantine", "Reject"]),
    "None",
    "For mail that fails DMARC: Reject does what the author's domain asks for (p=reject: 550 " +
      "5.7.1, p=quarantine: the quarantine), and refuses mail with several From fields. " +
      "Quarantine refuses none of it. Needs senderAuthenticationEnabled.",
  ),
  rejectOnMissingPtr: setting(
    bool(),
    "false",
    "Refuses mail of clients whose address has no name that leads back to it, with 550 5.7.25. " +
      "Needs senderAuthenticationEnabled.",
  ),
};
