import type { DeliveryRefusal } from "../../org/delivery-refusal.ts";
import type { Fault, Outcome } from "../queue/outcome.ts";

/** What the categorizer finds wrong (reference §6.5). */
export const FAULT = {
  unknown: ours(
    "5.1.10",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
  ),
  forwardingLoop: ours("5.4.6", "550 5.4.6 RESOLVER.FWD.Loop; Forwarding loop detected"),
  chainTooLong: ours("5.4.6", "550 5.4.6 RESOLVER.FWD.Limit; Too many forwardings in a row"),
  /** Exchange Online's words. */
  forwardingRefused: ours(
    "5.7.520",
    "550 5.7.520 Access denied, your organization does not allow external forwarding",
  ),
  groupLoop: ours("5.4.6", "550 5.4.6 RESOLVER.GRP.Loop; The group leads only back to itself"),
  groupTooDeep: ours("5.2.4", "550 5.2.4 RESOLVER.GRP.Depth; Groups are nested too deeply"),
  groupTooLarge: ours("5.2.4", "550 5.2.4 RESOLVER.GRP.Size; The group has too many recipients"),
  noModerator: ours(
    "5.7.1",
    "550 5.7.1 APPROVAL.NoModerator; The recipient is moderated, and nobody is there to approve",
  ),
  tooLarge: ours(
    "5.3.4",
    "550 5.3.4 ROUTING.SizeLimit; Message size exceeds the limit of every connector for the domain",
  ),
  /** The diagnostic is Exchange's LastError of the Unreachable queue, word for word. */
  noConnector: ours(
    "4.4.4",
    "A matching connector cannot be found to route the external recipient",
  ),
  directory: ours("4.3.0", "451 4.3.0 RESOLVER.Directory; The directory cannot answer just now"),
} as const satisfies Record<string, Fault>;

/** The outcome of a recipient that never can be delivered. */
export function failed(fault: Fault): Outcome {
  return { kind: "failed", fault };
}

/** What a limit or a restriction says, as the fault of a recipient. */
export function faultOf({ code, status, text }: DeliveryRefusal): Fault {
  return ours(status, `${code} ${status} ${text}`);
}

function ours(status: string, diagnostic: string): Fault {
  return { status, diagnostic, hop: undefined, source: "ROUTING" };
}
