import type { Domain } from "../mail/address.ts";
import type { AcceptedDomain, ReceiveConnector } from "./organization.ts";
import { checkReceiveConnector } from "./receive-connector-checks.ts";
import { checkNeighbours } from "./receive-connector-overlaps.ts";
import { type ReadConnector, readUsage } from "./receive-connector-usage.ts";

/**
 * Receive connectors that fit together and whose properties do (reference §2.1–§2.5). One that
 * contradicts itself or another is reported with what to change.
 */
export function buildReceiveConnectors(
  objects: readonly ReadConnector[],
  context: { readonly serverFqdn: Domain; readonly acceptedDomains: readonly AcceptedDomain[] },
): readonly ReceiveConnector[] {
  const placed = objects.map((object) => ({ object, usage: readUsage(object) }));
  for (const { object, usage } of placed) {
    checkReceiveConnector(object, usage, context.acceptedDomains);
  }
  checkNeighbours(placed);
  return placed.map(({ object: { values: read }, usage: usageProperties }) => {
    // What the connector is for has been settled: like Exchange, nobody asks for it afterwards.
    const { usage: _, ...values } = read;
    return {
      ...values,
      ...usageProperties,
      fqdn: values.fqdn ?? context.serverFqdn,
      // BINARYMIME can be sent by BDAT only (RFC 3030 §3).
      binaryMimeEnabled: values.binaryMimeEnabled && values.chunkingEnabled,
    };
  });
}
