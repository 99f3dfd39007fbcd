import type { X509Certificate } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { SECOND } from "../base/units.ts";
import type { DialFault } from "../net/dial.ts";
import type { Endpoint, Organization, ReceiveConnector } from "../org/organization.ts";
import { formatEndpoint } from "../org/settings/network-types.ts";
import { formatServerReply, type ServerReply } from "../smtp/reply-parser.ts";
import { isForHost } from "../tls/peer-name.ts";
import { explainSelection, holdsAddress } from "../transport/receive/select-connector.ts";
import { RawSession } from "./raw-session.ts";

/** What a door came to (reference §15.1). */
export const DOOR_STATUSES = [
  "Success",
  "Unable to connect",
  "Transient error",
  "Permanent error",
  "External error",
] as const;
/** A name out of DOOR_STATUSES. */
export type DoorStatus = (typeof DOOR_STATUSES)[number];

/** One binding of one receive connector, tried from this machine. */
export interface DoorResult {
  readonly connector: string;
  /** As it is set. */
  readonly binding: string;
  /** Where we have connected to. */
  readonly endpoint: string;
  readonly status: DoorStatus;
  readonly details: string;
  readonly elapsedMs: number;
}

/** What the doors are tried with. */
export interface DoorTools {
  readonly organization: Organization;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 20 * SECOND;

/** Tries every binding of the connectors that are asked for (all, without), one after the other. */
export async function* tryDoors(
  wanted: string | undefined,
  tools: DoorTools,
): AsyncGenerator<DoorResult> {
  for (const connector of tools.organization.receiveConnectors) {
    if (!connector.enabled) continue;
    if (wanted !== undefined && connector.name.toLowerCase() !== wanted.toLowerCase()) continue;
    for (const binding of connector.bindings) yield await tryDoor(connector, binding, tools);
  }
}

/** An address to which a program on this machine can connect. */
export function reachable({ address, port }: Endpoint): Endpoint {
  if (address === "0.0.0.0") return { address: "127.0.0.1", port };
  return address === "::" ? { address: "::1", port } : { address, port };
}

async function tryDoor(
  connector: ReceiveConnector,
  binding: Endpoint,
  tools: DoorTools,
): Promise<DoorResult> {
  const { clock, signal } = tools;
  const to = reachable(binding);
  const startMs = clock.monotonicMs();
  const ended = (outcome: Outcome): DoorResult => ({
    connector: connector.name,
    binding: formatEndpoint(binding),
    endpoint: formatEndpoint(to),
    ...outcome,
    elapsedMs: Math.round(clock.monotonicMs() - startMs),
  });
  const opened = await RawSession.open({ ...to, clock, signal, timeoutMs: TIMEOUT_MS });
  if (!opened.ok) {
    const details = `${DIAL_WORDS[opened.fault.kind]}; is the server's listener open?`;
    return ended({ status: "Unable to connect", details });
  }
  const session = opened.value;
  try {
    return ended(await converse(session, { connector, to, ...tools }));
  } finally {
    session.close();
  }
}

type Outcome = Pick<DoorResult, "status" | "details">;

const DIAL_WORDS: Readonly<Record<DialFault["kind"], string>> = {
  refused: "connection refused",
  timeout: "no answer in time",
  unreachable: "the address cannot be reached",
  aborted: "cancelled",
  failed: "the connection failed",
};

interface Visit extends DoorTools {
  readonly connector: ReceiveConnector;
  readonly to: Endpoint;
}

async function converse(session: RawSession, visit: Visit): Promise<Outcome> {
  const { connector } = visit;
  const own = session.localAddress;
  // A listener that trusts us as a load balancer waits for that line first.
  if (holdsAddress(connector.proxyProtocolSources, own)) session.write("PROXY UNKNOWN");
  const words: string[] = [];
  if (connector.implicitTlsEnabled) {
    const fault = await secure(session, connector.fqdn, words);
    if (fault !== undefined) return fault;
  }
  const banner = await session.reply();
  if (banner?.code !== 220) return refused("banner", banner, whoseDoor(own, visit));
  const hello = await session.say(`EHLO ${connector.fqdn}`);
  if (hello?.code !== 250) return refused("EHLO", hello, "");
  words.unshift(`${hello.lines.length - 1} extensions`);
  const isOffered = hello.lines.some((line) => line.toUpperCase() === "STARTTLS");
  const isMeant = connector.authMechanism.includes("Tls") && !connector.implicitTlsEnabled;
  if (isMeant && !isOffered) {
    const details = "STARTTLS is set and not offered: there is no certificate for it";
    return { status: "Permanent error", details };
  }
  if (isOffered) {
    const ready = await session.say("STARTTLS");
    if (ready?.code !== 220) return refused("STARTTLS", ready, "");
    const fault = await secure(session, connector.fqdn, words);
    if (fault !== undefined) return fault;
    const again = await session.say(`EHLO ${connector.fqdn}`);
    if (again?.code !== 250) return refused("EHLO after TLS", again, "");
  }
  await session.say("QUIT");
  const other = whoseDoor(own, visit);
  return { status: "Success", details: [...words, other].filter(Boolean).join("; ") };
}

/** Another connector may answer at the same binding: ranges decide, and we come from here. */
function whoseDoor(own: string, { organization, connector, to }: Visit): string {
  const considered = explainSelection(organization.receiveConnectors, {
    localAddress: to.address,
    localPort: to.port,
    remoteAddress: own,
  });
  const answering = considered.find(({ isChosen }) => isChosen);
  if (answering?.connector === connector) return "";
  const why = considered.find((one) => one.connector === connector)?.why ?? "";
  const who =
    answering === undefined ? "no connector takes" : `${answering.connector.name} answers`;
  return `${who} ${own}: ${why}`;
}

async function secure(
  session: RawSession,
  fqdn: string,
  words: string[],
): Promise<Outcome | undefined> {
  const started = await session.startTls(fqdn);
  if (!started.ok) return { status: "Permanent error", details: `TLS: ${started.fault}` };
  const { facts, proof } = started.value;
  words.push(`${facts.version} ${facts.cipher}`);
  if (proof.certificate !== undefined) words.push(...describeOwn(proof.certificate, fqdn));
  if (proof.chainFault !== undefined) words.push(`others will not trust it: ${proof.chainFault}`);
  return undefined;
}

function describeOwn(certificate: X509Certificate, fqdn: string): readonly string[] {
  const { subjectAltName = certificate.subject, validTo } = certificate;
  const bears = isForHost(certificate, fqdn, { commonName: "never" });
  return [
    `certificate for ${subjectAltName}, until ${validTo}`,
    ...(bears ? [] : [`it does not bear ${fqdn}`]),
  ];
}

function refused(step: string, reply: ServerReply | undefined, why: string): Outcome {
  const said = reply === undefined ? "no answer, or none that is SMTP" : formatServerReply(reply);
  const details = [`${step}: ${said}`, why].filter(Boolean).join("; ");
  return { status: statusOf(reply), details };
}

function statusOf(reply: ServerReply | undefined): DoorStatus {
  if (reply === undefined) return "External error";
  const first = Math.trunc(reply.code / 100);
  switch (first) {
    case 4:
      return "Transient error";
    case 5:
      return "Permanent error";
    default:
      return "External error";
  }
}
