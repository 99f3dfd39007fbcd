import type { Clock } from "../base/clock.ts";
import { SECOND } from "../base/units.ts";
import { type Address, domainOf } from "../mail/address.ts";
import { defaultAcceptedDomain, findAcceptedDomain } from "../org/accepted-domain.ts";
import type { Endpoint, Organization } from "../org/organization.ts";
import { formatEndpoint } from "../org/settings/network-types.ts";
import { formatReply } from "../smtp/reply-format.ts";
import { formatServerReply } from "../smtp/reply-parser.ts";
import { ServerMachine } from "../smtp/server-machine.ts";
import type { OpenSession } from "../smtp/session-handler.ts";
import { explainSelection } from "../transport/receive/select-connector.ts";
import { isPrivate } from "./host-records.ts";
import { reachable } from "./own-doors.ts";
import { RawSession } from "./raw-session.ts";
import { type RelayTrick, relayTricks } from "./relay-tricks.ts";
import { passIf, type Step, step } from "./step.ts";

/** How relay is tried. */
export interface RelayTools {
  readonly organization: Organization;
  /** The receive stage's own policy, which counts nothing and tells nobody. */
  readonly openSession: OpenSession;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Ports of a client; any will do. */
const CLIENT_PORT = 40_000;
/** A refusal may be held back: reference §2.4, TarpitInterval is at most 10 minutes. */
const REPLY_TIMEOUT_MS = 30 * SECOND;
/** Tricks over a real connection, each of which may cost a TarpitInterval. */
const REAL_TRICKS = 2;

/**
 * Asks every door of ours to relay for a stranger: all tricks before the policy itself, as a client
 * at that foreign address, and some over a real session from this machine. Nothing is sent.
 */
export async function* relaySteps(clientAddress: string, tools: RelayTools): AsyncGenerator<Step> {
  const { organization } = tools;
  const domain = defaultAcceptedDomain(organization)?.domainName ?? organization.server.fqdn;
  let passed = 0;
  let tried = 0;
  const isIpv6 = clientAddress.includes(":");
  for (const binding of bindingsOf(organization)) {
    if (binding.address.includes(":") !== isIpv6) continue;
    const tricks = relayTricks(domain, reachable(binding).address);
    const results: Step[] = [];
    for (const trick of tricks)
      results.push(await tryTrick(trick, { binding, clientAddress }, tools));
    const open = results.filter(({ verdict }) => verdict === "Fail").length;
    passed += open;
    tried += results.length;
    yield step(0, `${formatEndpoint(binding)} from ${clientAddress}`, {
      verdict: passIf(open === 0),
      decision: open === 0 ? `${results.length} tricks refused` : `${open} tricks were let through`,
      why: describeDoor(binding, clientAddress, organization),
      source: "the policy of sessions, asked in this process",
      cure: open === 0 ? "" : RELAY_CURE,
    });
    yield* results;
    yield* realSteps(binding, tricks.slice(0, REAL_TRICKS), tools);
  }
  // From a network of one's own it may be meant.
  const who = isPrivate(clientAddress) ? `${clientAddress} may relay` : "OPEN RELAY for anybody";
  const isBad = isPrivate(clientAddress) ? "Warning" : "Fail";
  yield step(0, "Result", {
    verdict: tried === 0 ? "Warning" : passed === 0 ? "Pass" : isBad,
    decision: passed === 0 ? "no open relay" : who,
    why: `${tried} tricks as ${clientAddress}`,
    cure: passed === 0 ? "" : RELAY_CURE,
  });
}

const RELAY_CURE =
  "take ms-Exch-SMTP-Accept-Any-Recipient from AnonymousUsers on that connector, or narrow its " +
  "remoteIPRanges to your own networks";

function bindingsOf({ receiveConnectors }: Organization): readonly Endpoint[] {
  const all = receiveConnectors.filter(({ enabled }) => enabled).flatMap((one) => one.bindings);
  return [...new Map(all.map((binding) => [formatEndpoint(binding), binding])).values()];
}

function describeDoor(
  binding: Endpoint,
  remoteAddress: string,
  { receiveConnectors }: Organization,
): string {
  const { address: localAddress, port: localPort } = reachable(binding);
  const ends = { localAddress, localPort, remoteAddress };
  const chosen = explainSelection(receiveConnectors, ends).find(({ isChosen }) => isChosen);
  return chosen === undefined
    ? "no connector takes such a client"
    : `${chosen.connector.name}: ${chosen.why}`;
}

async function tryTrick(
  trick: RelayTrick,
  at: { readonly binding: Endpoint; readonly clientAddress: string },
  { openSession, organization }: RelayTools,
): Promise<Step> {
  const { address: localAddress, port: localPort } = reachable(at.binding);
  const remoteAddress = at.clientAddress;
  const told = await imagineSession(openSession, trick, {
    ...{ localAddress, localPort, remoteAddress, remotePort: CLIENT_PORT },
  });
  const isOurs =
    told.accepted !== undefined &&
    findAcceptedDomain(organization, domainOf(told.accepted)) !== undefined;
  const isOpen = told.accepted !== undefined && !isOurs;
  return step(1, trick.what, {
    verdict: passIf(!isOpen),
    decision: told.reply,
    why: `MAIL FROM:<${trick.sender}> RCPT TO:<${trick.recipient}>`,
    source: isOurs ? `read as ${told.accepted}: a recipient of ours, which goes nowhere else` : "",
  });
}

const TLS = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", serverName: undefined };

/** What a client is told, and what it was taken for when its recipient was accepted. */
async function imagineSession(
  openSession: OpenSession,
  trick: RelayTrick,
  connection: Parameters<OpenSession>[0],
): Promise<{ readonly reply: string; readonly accepted: Address | undefined }> {
  const handler = openSession(connection);
  if ("code" in handler) return { reply: oneLine(handler), accepted: undefined };
  const { remoteAddress } = connection;
  // Under TLS: a door that asks for it first must hold all the same.
  handler.secured(TLS);
  const machine = new ServerMachine({
    ...{ options: handler.options, remoteAddress, tls: TLS, unread: Buffer.alloc(0) },
  });
  let reply = "";
  let accepted: Address | undefined;
  for (const line of ["EHLO relay-test", ...linesOf(trick)]) {
    machine.receive(Buffer.from(`${line}\r\n`));
    for (let effect = machine.next(); effect.kind !== "idle"; effect = machine.next()) {
      if (effect.kind === "reply") reply = oneLine(effect.reply);
      else if (effect.kind === "mail") {
        const verdict = await handler.mail(machine.client, effect.envelope, effect.sizeBytes);
        machine.answer(verdict);
      } else if (effect.kind === "rcpt") {
        const verdict = await handler.rcpt(machine.client, effect.recipient);
        if (verdict === undefined) accepted = effect.recipient.address;
        machine.answer(verdict);
      } else if (effect.kind === "close") {
        handler.closed(effect.reason);
        return { reply, accepted };
      }
    }
    // What refuses the sender is the answer: no recipient can come after it.
    if (/^[45]/.test(reply)) break;
  }
  handler.closed("tested");
  return { reply, accepted };
}

function linesOf({ sender, recipient }: RelayTrick): readonly [string, string] {
  return [`MAIL FROM:<${sender}>`, `RCPT TO:<${recipient}>`];
}

function oneLine(reply: Parameters<typeof formatReply>[0]): string {
  return formatReply(reply, { enhanced: true }).trim().replaceAll("\r\n", " ");
}

/** From this machine, which may be trusted: what it may do says little about strangers. */
async function* realSteps(
  binding: Endpoint,
  tricks: readonly RelayTrick[],
  { clock, signal, organization }: RelayTools,
): AsyncGenerator<Step> {
  const to = reachable(binding);
  const opened = await RawSession.open({ ...to, clock, signal, timeoutMs: REPLY_TIMEOUT_MS });
  if (!opened.ok) {
    yield step(1, "Real session", { verdict: "Warning", decision: "cannot connect" });
    return;
  }
  const session = opened.value;
  const why = describeDoor(binding, session.localAddress, organization);
  try {
    const isImplicit = organization.receiveConnectors.some(
      ({ bindings, implicitTlsEnabled }) => implicitTlsEnabled && bindings.includes(binding),
    );
    if (isImplicit) await session.startTls(undefined);
    const banner = await session.reply();
    if (banner?.code === 220) await session.say(`EHLO ${organization.server.fqdn}`);
    for (const trick of banner?.code === 220 ? tricks : []) {
      const [mail, rcpt] = linesOf(trick);
      const first = await session.say(mail);
      const second = first !== undefined && first.code < 400 ? await session.say(rcpt) : first;
      const isTaken = second !== undefined && second.code < 400;
      yield step(1, `Real session from ${session.localAddress}: ${trick.what}`, {
        verdict: isTaken ? "Info" : "Pass",
        decision: second === undefined ? "no answer" : formatServerReply(second),
        why,
        cure: isTaken ? "this machine may relay: see that only programs of yours run on it" : "",
      });
      await session.say("RSET");
    }
    await session.say("QUIT");
  } finally {
    session.close();
  }
}
