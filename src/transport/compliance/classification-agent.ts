import { decodeEncodedWords } from "../../mail/encoded-word.ts";
import { parseHeaderFields } from "../../mail/header-fields.ts";
import { encodeHeaderText, formatField } from "../../mail/header-text.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import {
  classificationKey,
  findClassification,
  type MessageClassification,
} from "../../org/message-classification.ts";
import type { ReceiveAgent } from "../agents/receive-agent.ts";

const FIELD = "X-MS-Exchange-Organization-Classification";
/** Fields of that name that are looked at. */
const VALUES_MAX = 10;

/**
 * Lets people of the organization who have logged on classify their messages: what they say in the
 * field is taken out with all that clients say in our name, and what of it the organization knows
 * is put in again, as the organization writes it.
 */
export function classificationAgent(): ReceiveAgent {
  return {
    agent: TRANSPORT_AGENTS.messageClassification,
    on: {
      OnEndOfHeaders({ session, headerBytes, header }) {
        if (!header.firewalledNames.includes(FIELD.toLowerCase())) return undefined;
        // A server of ours is believed as it is.
        if (session.rights.has("ms-Exch-Accept-Headers-Organization")) return undefined;
        if (!session.isAuthenticated) return undefined;
        const text = classificationStamps(headerBytes, session.organization.messageClassifications);
        if (text === "") return undefined;
        return { kind: "accept", edits: [{ kind: "prepend", text }] };
      },
    },
    hears: ({ organization }) => organization.messageClassifications.length > 0,
  };
}

/** The fields for what a header says and the organization knows; "" for nothing. */
export function classificationStamps(
  header: Uint8Array,
  known: readonly MessageClassification[],
): string {
  const said = parseHeaderFields(header).filter(({ name }) => name === FIELD.toLowerCase());
  const found = said.slice(0, VALUES_MAX).flatMap(({ value }) => {
    return findClassification(known, decodeEncodedWords(value)) ?? [];
  });
  return [...new Set(found.map(classificationKey))]
    .map((key) => formatField(FIELD, encodeHeaderText(key)))
    .join("");
}
