import type { Envelope } from "../../mail/envelope.ts";
import type { Offers } from "../../smtp/client-offers.ts";
import { checkPeer, type PeerCheck, type ServerProof } from "../../tls/peer-check.ts";
import type { Fault } from "../queue/outcome.ts";
import { ourFault } from "./hop-fault.ts";
import type { HopTls } from "./hop-tls.ts";

/**
 * Whether REQUIRETLS holds for a message. A notice has it passed on where that can be had, but is
 * not lost for the lack of it (RFC 8689 §5).
 */
export function needsRequireTls({ requireTls, sender }: Envelope): boolean {
  return requireTls === true && sender !== "";
}

/**
 * Why a message with REQUIRETLS must not go over that session (RFC 8689 §4.2.1): it is not
 * encrypted, the server is not surely the one that DNS speaks of, or it does not have the extension
 * itself and would not care. `undefined`: it may.
 */
export function requireTlsFault(
  session: { readonly proof: ServerProof | undefined; readonly offers: Pick<Offers, "requireTls"> },
  tls: Pick<HopTls, "decision" | "host" | "isVouched"> | undefined,
  nowMs: number,
): Fault | undefined {
  if (session.proof === undefined) return ENCRYPTION_NEEDED;
  if (!session.offers.requireTls) return REQUIRETLS_NEEDED;
  if (tls === undefined || !tls.isVouched) return NOT_VOUCHED;
  if (tls.decision.checks.some(({ kind }) => kind !== "chain")) return undefined;
  if (tls.host === "") return NOT_VOUCHED;
  const byName: PeerCheck = { kind: "name", names: [tls.host], commonName: "fallback" };
  return checkPeer([byName], session.proof, nowMs).ok ? undefined : NOT_VERIFIED;
}

const ENCRYPTION_NEEDED = ourFault(
  550,
  "5.7.10",
  "Encryption needed: the message asks for TLS on every hop (REQUIRETLS), which the next one lacks",
);
const REQUIRETLS_NEEDED = ourFault(
  550,
  "5.7.30",
  "REQUIRETLS support required: the message asks for TLS on every hop, and the next one does not " +
    "promise it",
);
const NOT_VOUCHED = ourFault(
  550,
  "5.7.10",
  "Encryption needed: the message asks for verified TLS on every hop (REQUIRETLS), and neither " +
    "DNSSEC nor MTA-STS vouches for the name of the next one",
);
const NOT_VERIFIED = ourFault(
  550,
  "5.7.10",
  "Encryption needed: the message asks for verified TLS on every hop (REQUIRETLS), and the " +
    "certificate of the next one does not verify",
);
