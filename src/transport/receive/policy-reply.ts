import type { Reply } from "../../smtp/reply.ts";
import { REPLY } from "../../smtp/reply-table.ts";

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
