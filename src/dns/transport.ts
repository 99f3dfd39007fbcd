import type { Result } from "../base/result.ts";

/** A name server: an address, no name. */
export interface DnsServer {
  readonly address: string;
  readonly port: number;
}

/** How one exchange is made. */
export interface ExchangeOptions {
  readonly tcp: boolean;
  readonly timeoutMs: number;
  /** Packets it refuses are passed over, and the wait goes on: anybody can send to a UDP port. */
  readonly accepts: (bytes: Uint8Array) => boolean;
}

/**
 * Sends one packet to one server and returns the first acceptable answer, or why there is none.
 * Over UDP from a port that can't be guessed (RFC 5452 §9.2). Never rejects.
 */
export type DnsTransport = (
  server: DnsServer,
  packet: Uint8Array,
  options: ExchangeOptions,
) => Promise<Result<Uint8Array, string>>;
