import type { X509Certificate } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { SECOND } from "../base/units.ts";
import type { Address, Domain } from "../mail/address.ts";
import type { Organization, SendConnector } from "../org/organization.ts";
import { formatMail, formatRcpt } from "../smtp/client-commands.ts";
import type { TapeLine } from "../smtp/session-tape.ts";
import type { QueueKey } from "../store/queue-store.ts";
import { connectorQueueKey } from "../transport/categorize/route.ts";
import { Router } from "../transport/categorize/router.ts";
import {
  CANDIDATES_MAX,
  type Connected,
  connectHop,
  type HopCandidate,
  type HopUnresolved,
} from "../transport/send/connect-hop.ts";
import type { HopSession } from "../transport/send/delivery-attempt.ts";
import type { HopRoute } from "../transport/send/hop-lane.ts";
import { describePlan, HopLog } from "../transport/send/hop-log.ts";
import { RecentFailures } from "../transport/send/recent-failures.ts";
import type { SendDependencies } from "../transport/send/send-dependencies.ts";
import type { TlsAttempt } from "../transport/send/tls-attempt.ts";
import { conversationSteps } from "./conversation.ts";
import { cureOf, TLS_CURES } from "./cures.ts";
import {
  type AskedName,
  candidateStep,
  requirementFor,
  requirementStep,
  routeFor,
  type SendingTools,
} from "./hop-route.ts";
import { describeKey } from "./onward-route.ts";
import { passIf, type Step, step, type Verdict } from "./step.ts";

/** How we would reach a domain. */
export interface OutboundInquiry {
  readonly domain: Domain;
  /** Send connector to go by; `undefined`: the one that routing chooses. */
  readonly connector: string | undefined;
  /** Asked with MAIL and RCPT, and taken back; `undefined`: they are not asked. */
  readonly envelope: { readonly sender: Address | ""; readonly recipient: Address } | undefined;
  /** Every host is tried, not only until one is ready. */
  readonly allHosts: boolean;
}

/** What one host may take in all, before the next one is tried. */
const HOST_TIMEOUT_MS = 60 * SECOND;

interface Surroundings extends SendingTools {
  readonly organization: Organization;
}

/** Goes to a domain as delivery would, step by step, and sends nothing. */
export async function* outboundSteps(
  inquiry: OutboundInquiry,
  tools: Surroundings & { readonly signal: AbortSignal },
): AsyncGenerator<Step> {
  const chosen = yield* chooseRoute(inquiry, tools.organization);
  if (chosen === undefined) return;
  const { key, connector } = chosen;
  yield requirementStep(requirementFor(key, connector, tools.organization));
  const ear = new Ear(tools.clock);
  const dependencies = tools.openSending(ear);
  const by = { connector, organization: tools.organization };
  const route = routeFor(key, by, { dependencies, clock: tools.clock });
  const candidates = route.candidates({
    tlsAttempt: (attempt) => ear.tlsAttempt(attempt),
    hosts: (name, plan) => {
      const isGood = plan.kind === "hosts";
      const decision = describePlan(name, plan);
      const cure = isGood ? "" : cureOf({ diagnostic: plan.text });
      ear.told.push(step(1, "Order of hosts", { verdict: passIf(isGood), decision, cure }));
    },
  });
  const isNamed = connector.smartHosts.some(({ isAddress }) => !isAddress);
  if (connector.smartHosts.length === 0 || isNamed) {
    yield step(0, "Name servers", { decision: `what is known of ${key.nextHopDomain}` });
  }
  let tried = 0;
  let reached: string | undefined;
  for await (const candidate of candidates) {
    yield* ear.takeNames();
    if (candidate.kind !== "candidate") yield* passedOver(candidate, ear);
    else {
      tried += 1;
      const run = { candidate, route, dependencies, ear, inquiry, ...tools };
      const name = yield* tryHost(run);
      reached ??= name;
      if ((reached !== undefined && !inquiry.allHosts) || tried >= CANDIDATES_MAX) break;
    }
  }
  yield* ear.takeNames();
  const what = inquiry.envelope?.recipient ?? inquiry.domain;
  yield step(0, "Result", {
    verdict: passIf(reached !== undefined),
    decision:
      reached === undefined
        ? `mail for ${what} cannot be delivered now`
        : `mail for ${what} can be handed over to ${reached}`,
    why: `addresses tried: ${tried}`,
  });
}

function* chooseRoute(
  { domain, connector: wanted }: OutboundInquiry,
  organization: Organization,
): Generator<Step, { readonly key: QueueKey; readonly connector: SendConnector } | undefined> {
  const router = new Router(organization);
  const { acceptedDomain, external } = router.decide(domain, 0);
  if (acceptedDomain !== undefined) {
    yield step(0, "Domain", {
      verdict: "Warning",
      decision: `${acceptedDomain.domainType} domain of ours`,
      why: "its mail is delivered here as far as its recipients are here",
      source: `accepted domain ${acceptedDomain.name}`,
    });
  }
  const named = organization.sendConnectors.find(({ name }) => name === wanted);
  const key =
    named === undefined
      ? external?.kind === "queue"
        ? external.key
        : undefined
      : connectorQueueKey(named, domain);
  const reasons = named === undefined ? (external?.reasons ?? []) : ["as asked for"];
  const by = key?.nextHopConnector;
  const connector = organization.sendConnectors.find(({ name }) => name === by);
  yield step(0, "Send connector", {
    verdict: passIf(connector !== undefined),
    decision: key === undefined ? "none takes the domain" : describeKey(key),
    why: reasons[0] ?? "",
    source: "send connectors",
    cure: key === undefined ? "add a send connector with an address space for the domain" : "",
  });
  for (const reason of reasons.slice(1)) yield step(1, "Not chosen", { decision: reason });
  return key === undefined || connector === undefined ? undefined : { key, connector };
}

/** Hears what the sending stage is told of, for the steps. */
class Ear {
  readonly told: Step[] = [];
  readonly lines: TapeLine[] = [];
  attempts: TlsAttempt[] = [];
  readonly desk: NonNullable<SendDependencies["desk"]>;

  constructor(clock: Clock) {
    this.desk = {
      clock,
      nextId: () => "",
      isKeeping: () => false,
      keep: () => undefined,
      write: (_session, line) => void this.lines.push(line),
    };
  }

  lookup = (asked: AskedName): void => void this.told.push(lookupStep(asked));
  tlsAttempt = (attempt: TlsAttempt): void => void this.attempts.push(attempt);

  takeNames(): readonly Step[] {
    return this.told.splice(0);
  }
}

/** A question to a name server. That there are no policies is no fault. */
export function lookupStep({
  name,
  type,
  kind,
  answer,
  authenticated,
  elapsedMs,
}: AskedName): Step {
  const isNeeded = type === "MX" || type === "A";
  const verdict = kind === "failed" ? "Fail" : kind === "records" || !isNeeded ? "Pass" : "Info";
  return step(1, `${type} ${name}`, {
    verdict,
    decision: answer,
    why: authenticated ? "DNSSEC: secure" : kind === "failed" ? "" : "DNSSEC: not secured",
    source: "DNS",
    cure: kind === "failed" ? cureOf({ diagnostic: "DNS query failed" }) : "",
    elapsedMs,
  });
}

function* passedOver({ fault }: HopUnresolved, ear: Ear): Generator<Step> {
  yield step(0, "Host passed over", {
    verdict: "Fail",
    decision: fault.diagnostic,
    cure: cureOf(fault),
  });
  yield* tlsSteps(ear, "Fail");
}

interface HostRun extends Surroundings {
  readonly candidate: HopCandidate;
  readonly route: HopRoute;
  readonly dependencies: SendDependencies;
  readonly ear: Ear;
  readonly inquiry: OutboundInquiry;
  readonly signal: AbortSignal;
}

/** Returns the host's name when it is ready for mail, and for that envelope if there is one. */
async function* tryHost(run: HostRun): AsyncGenerator<Step, string | undefined> {
  const { candidate, ear, clock } = run;
  const { name } = candidateStep(candidate);
  yield { ...candidateStep(candidate), depth: 0, name: `Host ${name}` };
  const startMs = clock.nowMs();
  ear.lines.length = 0;
  const connected = await connectOne(run);
  const mayHaveIt = connected.kind === "connected" && (await askEnvelope(connected.target, run));
  yield* conversationSteps(ear.lines, startMs);
  // Where mail goes in spite of it, nobody has asked for more.
  yield* tlsSteps(ear, connected.kind === "connected" ? "Warning" : "Fail");
  if (connected.kind === "connected") {
    const { session } = connected.target;
    if (session.proof?.certificate) yield certificateStep(session.proof.certificate, session.proof);
    session.quit();
    return mayHaveIt ? name : undefined;
  }
  const isLate = connected.kind === "aborted";
  const fault = isLate ? LATE : connected.fault;
  yield step(1, "Not ready", {
    verdict: "Fail",
    decision: fault.diagnostic,
    cure: cureOf(fault),
    elapsedMs: clock.nowMs() - startMs,
  });
  return undefined;
}

const LATE = { diagnostic: "421 4.4.1 Connection timed out; it took more than a minute in all" };

async function connectOne(run: HostRun): Promise<Connected> {
  const { candidate, route, dependencies, ear, clock } = run;
  const late = new AbortController();
  const timer = clock.startTimer(HOST_TIMEOUT_MS, () => late.abort());
  const signal = AbortSignal.any([run.signal, late.signal]);
  async function* only() {
    yield candidate;
  }
  try {
    return await connectHop(only(), {
      settings: { ...route.settings, isVerbose: true },
      dependencies,
      log: new HopLog(dependencies, { source: "SMTP", destination: "", description: "" }),
      failures: new RecentFailures(clock),
      signal,
      requireTls: false,
      tlsAttempt: ear.tlsAttempt,
    });
  } finally {
    timer.cancel();
  }
}

/** MAIL and RCPT, then RSET: nothing is sent. */
async function askEnvelope({ session }: HopSession, run: HostRun): Promise<boolean> {
  const { envelope } = run.inquiry;
  if (envelope === undefined) return true;
  const { offers } = session;
  const { sender, recipient } = envelope;
  const mail = { sender, body: "7BIT", smtpUtf8: false, ret: undefined, envid: undefined } as const;
  const to = { address: recipient, notify: undefined, originalRecipient: undefined };
  const plain = { sizeBytes: 1024, body: "7BIT", smtpUtf8: false, dsn: false } as const;
  const late = run.clock.startTimer(HOST_TIMEOUT_MS, () => session.abort(0));
  const leave = () => session.abort(0);
  run.signal.addEventListener("abort", leave, { once: true });
  const { results } = await session.transact(
    {
      mail: formatMail(mail, offers, plain),
      recipients: [formatRcpt(to, offers, plain)],
      transfer: "none",
    },
    { pieces: [], open: async function* () {} },
  );
  late.cancel();
  run.signal.removeEventListener("abort", leave);
  return results.every(({ kind }) => kind === "accepted");
}

function* tlsSteps(ear: Ear, bad: Verdict): Generator<Step> {
  for (const { policy, failure, tls, domain } of ear.attempts.splice(0)) {
    const kept = tls === undefined ? "in clear" : `${tls.version} ${tls.cipher}`;
    yield step(1, "TLS verdict", {
      verdict: failure === undefined ? (tls === undefined ? "Warning" : "Pass") : bad,
      decision: failure === undefined ? kept : `${failure.type}: ${failure.detail}`,
      why: `policy ${policy.type} of ${domain || "the host"}`,
      source: policy.text.join("; "),
      cure: failure === undefined ? "" : TLS_CURES[failure.type],
    });
  }
}

function certificateStep(
  certificate: X509Certificate,
  { chainFault }: { readonly chainFault: string | undefined },
): Step {
  const { subject, subjectAltName = "", validTo, issuer } = certificate;
  const names = subjectAltName || subject;
  return step(1, "Certificate", {
    verdict: chainFault === undefined ? "Pass" : "Info",
    decision: `${names.replaceAll("\n", ", ")}, until ${validTo}`,
    why: chainFault === undefined ? "of a trusted authority" : `does not verify: ${chainFault}`,
    source: `issued by ${issuer.replaceAll("\n", ", ")}`,
  });
}
