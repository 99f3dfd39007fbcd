import type { Address } from "../../mail/address.ts";
import type { HeaderRewriting } from "../../mail/rewritten-header.ts";
import type { Delivery } from "../queue/courier.ts";

/** How the addresses of a message look outside: those of MAIL FROM, and of some header fields. */
export type OutgoingRewriting = HeaderRewriting;

/**
 * Says how a delivery looks outside; `undefined`: as it is. Asked for each that leaves by SMTP;
 * what is stored stays as it is, so that notices find the sender.
 */
export type OutgoingRewriter = (
  delivery: Pick<Delivery, "message" | "recipients">,
) => OutgoingRewriting | undefined;

/** What MAIL says in place of a sender, for notices to come back to; `undefined`: the sender. */
export type SenderTagging = (
  delivery: Pick<Delivery, "message" | "recipients">,
  sender: Address,
) => Address | undefined;
