import type { TlsReportPolicy, TlsResultType } from "../../tls/tls-report.ts";

/**
 * What came of one try to secure a connection: for the connectivity log, and counted for the TLS
 * report of its domain (RFC 8460).
 */
export interface TlsAttempt {
  /** The recipient's domain, whose policy was asked for. */
  readonly domain: string;
  /** The policy that was in force. */
  readonly policy: Pick<TlsReportPolicy, "type" | "text" | "mxHosts">;
  readonly host: string;
  readonly address: string;
  readonly localAddress: string;
  /** `undefined`: the connection stayed clear, or there was none. */
  readonly tls:
    | { readonly version: string; readonly cipher: string; readonly certificate: string }
    | undefined;
  /** Why the policy was not met; `undefined`: it was. */
  readonly failure: { readonly type: TlsResultType; readonly detail: string } | undefined;
}

/** Told of every try that counts. */
export type TellTlsAttempt = (attempt: TlsAttempt) => void;
