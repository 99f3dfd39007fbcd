import type { Reply } from "../../smtp/reply.ts";
import { REPLY } from "../../smtp/reply-table.ts";
import type { RecipientRefusal } from "./recipient-policy.ts";
import type { AuthorsDecision } from "./sender-policy.ts";

/** Replies of policy, beside the protocol's own in `smtp/reply-table.ts` (reference §16.3). */
export const POLICY_REPLY = {
  noConnector: REPLY.serviceUnavailable,
  tooManyConnections: REPLY.tooManyConnections,
  temporaryError: {
    code: 451,
    status: "4.3.0",
    lines: ["Temporary server error. Please try again later"],
  },
  insufficientResources: {
    code: 452,
    status: "4.3.1",
    lines: ["Insufficient system resources"],
  },
  notInService: { code: 421, status: "4.3.2", lines: ["Service not active"] },
  notAuthenticated: {
    code: 530,
    status: "5.7.57",
    lines: ["SMTP; Client was not authenticated to send anonymous mail during MAIL FROM"],
  },
  recipientNotFound: {
    code: 550,
    status: "5.1.10",
    lines: ["RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"],
  },
  rewrittenSender: {
    code: 550,
    status: "5.7.1",
    lines: ["This rewritten sender is not one of ours, is too old, or takes notices only"],
  },
  unableToRelay: {
    code: 550,
    status: "5.7.54",
    lines: ["SMTP; Unable to relay recipient in non-accepted domain"],
  },
  senderNotAllowed: {
    code: 550,
    status: "5.7.60",
    lines: ["SMTP; Client does not have permissions to send as this sender"],
  },
  authorsMalformed: {
    code: 550,
    status: "5.6.0",
    lines: ["From or Sender is repeated, too long or can be read in several ways"],
  },
  senderFieldMissing: {
    code: 550,
    status: "5.6.0",
    lines: ["Several addresses in From need a Sender field"],
  },
  reservedTopLevel: {
    code: 550,
    status: "5.1.4",
    lines: ["Recipient address reserved by RFC 2606"],
  },
  reservedSecondLevel: {
    code: 550,
    status: "5.1.5",
    lines: ["Recipient address reserved by RFC 2606"],
  },
  singleLabel: {
    code: 550,
    status: "5.1.6",
    lines: ["Recipient addresses in single label domains not accepted"],
  },
  certificateInvalid: {
    code: 454,
    status: "4.7.5",
    lines: [
      "Certificate validation failure: the sender's domain needs a certificate that bears it",
    ],
  },
  messageRateExceeded: {
    code: 421,
    status: "4.4.2",
    lines: ["Message submission rate for this client has exceeded the configured limit"],
  },
  authenticationSucceeded: {
    code: 235,
    status: "2.7.0",
    lines: ["Authentication successful"],
  },
  authenticationFailed: {
    code: 535,
    status: "5.7.3",
    lines: ["Authentication unsuccessful"],
  },
  authenticationDeferred: {
    code: 454,
    status: "4.7.0",
    lines: ["Temporary authentication failure"],
  },
  authenticationMalformed: {
    code: 501,
    status: "5.5.2",
    lines: ["Authentication response is malformed"],
  },
  xclientDenied: {
    code: 550,
    status: "5.7.1",
    lines: ["Client may not use XCLIENT"],
  },
  headerTooLarge: {
    code: 552,
    status: "5.3.4",
    lines: ["Header size exceeds fixed maximum size"],
  },
  tooManyFields: {
    code: 552,
    status: "5.3.4",
    lines: ["Header count exceeds fixed maximum number of fields"],
  },
  hopCountExceeded: {
    code: 554,
    status: "5.4.6",
    lines: ["Hop count exceeded - possible mail loop"],
  },
} as const satisfies Record<string, Reply>;

/** What a recipient that is refused before any lookup is told. */
export const RECIPIENT_REPLY: Readonly<Record<RecipientRefusal, Reply>> = {
  "relay-denied": POLICY_REPLY.unableToRelay,
  "reserved-top-level": POLICY_REPLY.reservedTopLevel,
  "reserved-second-level": POLICY_REPLY.reservedSecondLevel,
  "single-label": POLICY_REPLY.singleLabel,
  "rewritten-sender": POLICY_REPLY.rewrittenSender,
};

/** What a message is told whose From or Sender its client may not use. */
export const AUTHORS_REPLY: Readonly<
  Record<Extract<AuthorsDecision, { readonly kind: "denied" }>["reason"], Reply>
> = {
  sender: POLICY_REPLY.senderNotAllowed,
  malformed: POLICY_REPLY.authorsMalformed,
  "no-sender-field": POLICY_REPLY.senderFieldMissing,
};
