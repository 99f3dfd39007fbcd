import type { SessionEnd } from "../../smtp/client-event.ts";
import { checkPeer } from "../../tls/peer-check.ts";
import type { Fault, Hop } from "../queue/outcome.ts";
import type { ClientSession } from "./client-session.ts";
import type { HopTls } from "./hop-tls.ts";
import type { SendDependencies } from "./send-dependencies.ts";
import type { TellTlsAttempt } from "./tls-attempt.ts";
import { tlsFault } from "./tls-fault.ts";
import type { TlsFailure } from "./tls-policy.ts";
import { SUBJECT_CHARACTERS_MAX } from "./tls-words.ts";

/** A try to open a session: `end` is why there is none. */
export interface TlsTry {
  readonly candidate: { readonly tls?: HopTls | undefined };
  readonly session: ClientSession;
  readonly hop: Hop;
  readonly end?: SessionEnd;
}

/**
 * Records what came of TLS with a host that has a policy, if it came to that. Returns the failure
 * that has ended the session, as far as the policy has to do with it.
 */
export function reportTls(
  tried: TlsTry,
  context: {
    readonly dependencies: Pick<SendDependencies, "clock">;
    readonly tlsAttempt: TellTlsAttempt;
  },
): TlsFailure | undefined {
  const { candidate, session, hop, end } = tried;
  const { tls } = candidate;
  if (tls === undefined) return undefined;
  const failure = end === undefined ? undefined : failureOf(session, end);
  // The connection came to nothing before TLS could: that is nobody's policy.
  if (end !== undefined && failure === undefined) return undefined;
  const { tlsAttempt } = context;
  const { clock } = context.dependencies;
  const { decision, domain } = tls;
  const shown = session.tls;
  tlsAttempt({
    domain,
    policy: decision.policy,
    host: tls.host || hop.name || hop.address,
    address: hop.address,
    localAddress: hop.localAddress,
    tls: shown && {
      version: shown.version,
      cipher: shown.cipher,
      certificate: shown.peerCertificate?.subject.slice(0, SUBJECT_CHARACTERS_MAX) ?? "",
    },
    failure: failure ?? decision.failure ?? watchedFailure(session, tls, clock.nowMs()),
  });
  if (failure === undefined) return undefined;
  const isOurs = decision.policy.type === "no-policy-found" && !session.tlsFault?.isVerdict;
  return isOurs ? undefined : failure;
}

/** What the policy makes of a failure that has ended the session. */
export function policyFault(failure: TlsFailure, { decision, host }: HopTls): Fault {
  return tlsFault({ failure, host, label: decision.label });
}

function failureOf(session: ClientSession, end: SessionEnd): TlsFailure | undefined {
  if (end.kind === "lost" && end.cause === "handshake") return session.tlsFault;
  if (end.kind === "tls-missing") {
    return { type: "starttls-not-supported", detail: "STARTTLS is not offered" };
  }
  if (end.kind === "refused" && end.step === "starttls") {
    return { type: "starttls-not-supported", detail: `STARTTLS: ${end.reply.code}` };
  }
  return undefined;
}

/** What would have failed if the policy were not just tested, or if there were one. */
function watchedFailure(
  session: ClientSession,
  { decision }: HopTls,
  nowMs: number,
): TlsFailure | undefined {
  if (session.proof === undefined) {
    return { type: "starttls-not-supported", detail: "STARTTLS is not offered" };
  }
  const verdict = checkPeer(decision.watched, session.proof, nowMs);
  return verdict.ok ? undefined : { type: verdict.result, detail: verdict.reason };
}
