import { createSecureContext } from "node:tls";
import type { ClientTlsContext } from "./client-connection.ts";

/** A context of either side that trusts these authorities alone, or the system's; all PEM. */
export function createClientTlsContext(options: {
  readonly authorities?: readonly string[];
  readonly certificate?: string;
  readonly key?: string;
}): ClientTlsContext {
  const { authorities, certificate, key } = options;
  return createSecureContext({
    ...(authorities && { ca: [...authorities] }),
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
  });
}
