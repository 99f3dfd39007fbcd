import type { HeaderEdit } from "../../mail/header-edit.ts";
import { readHeaderSection } from "../../mail/header-section.ts";
import { type RewriteAddress, rewriteField } from "../../mail/rewritten-field.ts";
import type { AddressRewriteEntry } from "../../org/address-rewrite-entry.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type { Organization } from "../../org/organization.ts";
import type { ReceiveAgent } from "../agents/receive-agent.ts";
import { type AddressRewriter, createAddressRewriter } from "./address-rewriter.ts";

/** Fields whose addresses are rewritten in mail that comes in (reference §17.4). */
export const INBOUND_FIELDS: ReadonlySet<string> = new Set(["to", "cc"]);

/** Gives recipients, and the fields To and Cc, the addresses that they have in here. */
export function inboundRewritingAgent(): ReceiveAgent {
  /** One for each list ever in force; it goes with its snapshot. */
  const rewriters = new WeakMap<readonly AddressRewriteEntry[], AddressRewriter>();
  const rewriterOf = ({ addressRewriteEntries }: Organization): AddressRewriter => {
    let rewriter = rewriters.get(addressRewriteEntries);
    if (rewriter === undefined) {
      rewriter = createAddressRewriter(addressRewriteEntries);
      rewriters.set(addressRewriteEntries, rewriter);
    }
    return rewriter;
  };
  return {
    agent: TRANSPORT_AGENTS.addressRewritingInbound,
    on: {
      OnEndOfHeaders({ session, headerBytes }) {
        const edits = rewriteHeaderFields(headerBytes, rewriterOf(session.organization).inbound);
        return edits.length === 0 ? undefined : { kind: "accept", edits };
      },
    },
    hears: ({ organization }) =>
      organization.addressRewriteEntries.length > 0 && rewriterOf(organization).isInbound,
    rewriteRecipient: (recipient, organization) => rewriterOf(organization).inbound(recipient),
  };
}

/** The edits that rewrite To and Cc of a header as it came. */
export function rewriteHeaderFields(
  header: Uint8Array,
  rewrite: RewriteAddress,
): readonly HeaderEdit[] {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  const counts = new Map<string, number>();
  const edits: HeaderEdit[] = [];
  for (const { name, from, to } of readHeaderSection(bytes).fields) {
    if (!INBOUND_FIELDS.has(name)) continue;
    const position = counts.get(name) ?? 0;
    counts.set(name, position + 1);
    const changes = rewriteField(bytes.toString("latin1", from, to), rewrite);
    if (changes.length > 0) edits.push({ kind: "replaceAt", name, position, changes });
  }
  return edits;
}
