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
    oneOf(["None", "Reject"]),
    "None",
    "Reject refuses mail that fails DMARC with 550 5.7.1 where the author's domain asks for that " +
      "(p=reject), and mail with several From fields. Needs senderAuthenticationEnabled.",
  ),
  rejectOnMissingPtr: setting(
    bool(),
    "false",
    "Refuses mail of clients whose address has no name that leads back to it, with 550 5.7.25. " +
      "Needs senderAuthenticationEnabled.",
  ),
};
