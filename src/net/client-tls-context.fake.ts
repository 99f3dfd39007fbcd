import { createSecureContext } from "node:tls";
import type { ClientTlsContext } from "./client-connection.ts";

/** A client's context that trusts these authorities alone, or the system's. */
export function createClientTlsContext(options: {
  readonly authorities?: readonly string[];
}): ClientTlsContext {
  const { authorities } = options;
  return createSecureContext(authorities === undefined ? {} : { ca: [...authorities] });
}
