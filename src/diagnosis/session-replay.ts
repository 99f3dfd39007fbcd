import type { Authenticator, LogonStep } from "../authentication/authenticator.ts";
import { offeredMechanisms } from "../authentication/mechanism-offer.ts";
import { unreachable } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { MiB } from "../base/units.ts";
import { parseAddress } from "../mail/address.ts";
import type { Directory } from "../org/directory.ts";
import type { Organization } from "../org/organization.ts";
import { parseEndpoint } from "../org/settings/network-types.ts";
import type { SessionTls, TlsFacts } from "../smtp/session-handler.ts";
import type { SessionRecording } from "../smtp/session-tape.ts";
import type { SubmissionQueue } from "../transport/queue/submission.ts";
import { createReceive } from "../transport/receive/receive.ts";
import { ReplayContent } from "./replay-content.ts";
import { type ReplayStep, readScript } from "./replay-script.ts";
import { ReplaySession } from "./replay-session.ts";

/** One thing that the client said, and the answers of then and now. */
export interface ReplayedStep {
  readonly said: string;
  /** "" when nothing came any more. */
  readonly before: string;
  readonly now: string;
  /** `unknown`: it could not be said again, or nothing was left to answer it. */
  readonly verdict: "same" | "different" | "unknown";
}

/** Content past this is not sent again: limits of size are lower. */
const CONTENT_BYTES_MAX = 256 * MiB;

/**
 * Says what the client of a recorded session said to the receive stage as it is configured now.
 * Nothing is delivered, no socket is opened; logons come out as they did then, if the mailbox is
 * still there. Content is made up, of the size that it had. `undefined`: no incoming session.
 */
export async function replayRecording(
  recording: SessionRecording,
  parts: {
    readonly organization: Organization;
    readonly directory: Directory;
    readonly clock: Clock;
  },
): Promise<readonly ReplayedStep[] | undefined> {
  const local = parseEndpoint(recording.localEndpoint);
  const remote = parseEndpoint(recording.remoteEndpoint);
  if (recording.direction !== "Receive" || local === undefined || remote === undefined) {
    return undefined;
  }
  const steps = readScript(recording);
  const logon: LogonMemory = { account: undefined, before: "" };
  const open = createReceive({
    ...parts,
    organization: () => parts.organization,
    queue: NOWHERE,
    diagnostics: silentDiagnostics,
    count: () => undefined,
    authenticator: rememberedLogons(parts.directory, logon),
    tlsFor: (_connector, how) => ({ ...NO_HANDSHAKE, ...how }),
  });
  const opened = open({
    remoteAddress: remote.address,
    remotePort: remote.port,
    localAddress: local.address,
    localPort: local.port,
  });
  if ("code" in opened) {
    const before = steps[0]?.before ?? "";
    const now = `${opened.code} ${opened.status} ${opened.lines.join(" ")}`;
    return [{ said: "(connected)", before, now, verdict: compare(before, now) }];
  }
  // TLS before the first reply has no STARTTLS.
  const [, second] = steps;
  const first = steps[0]?.before === "" && second?.kind === "tls" ? factsOf(second) : undefined;
  const facts = { remoteAddress: remote.address, tls: first };
  const run = new ReplayRun(new ReplaySession(opened, facts), logon);
  const told: ReplayedStep[] = [];
  for (const step of steps) told.push(await run.take(step));
  run.close();
  return told.filter(({ said, before, now }) => said !== "" || before !== "" || now !== "");
}

interface LogonMemory {
  account: string | undefined;
  before: string;
}

class ReplayRun {
  readonly #session: ReplaySession;
  readonly #logon: LogonMemory;
  #content = new ReplayContent("");

  constructor(session: ReplaySession, logon: LogonMemory) {
    this.#session = session;
    this.#logon = logon;
  }

  close(): void {
    this.#session.close();
  }

  async take(step: ReplayStep): Promise<ReplayedStep> {
    const { before } = step;
    if (this.#session.isOver) return { said: wordsOf(step), before, now: "", verdict: "unknown" };
    const now = await this.#say(step);
    if (now === undefined) return { said: wordsOf(step), before, now: "", verdict: "unknown" };
    return { said: wordsOf(step), before, now, verdict: compare(before, now) };
  }

  /** `undefined`: it cannot be said again. */
  async #say(step: ReplayStep): Promise<string | undefined> {
    const session = this.#session;
    switch (step.kind) {
      case "connect":
        return session.say();
      case "tls":
        if (session.wantsTls) session.secure(factsOf(step));
        return step.before === "" ? "" : session.say();
      case "logon":
        this.#logon.account = step.account;
        this.#logon.before = step.before;
        return session.say(Buffer.from(`AUTH ${step.mechanism} AAAA\r\n`));
      case "content":
        return this.#sendContent(step.octets);
      case "command":
        return this.#command(step.line);
      case "unknown":
        return undefined;
      default:
        return unreachable(step);
    }
  }

  async #command(line: string): Promise<string> {
    const sender = /^MAIL FROM:<([^>]*)>/i.exec(line)?.[1];
    if (sender !== undefined) this.#content = new ReplayContent(sender);
    const chunk = /^BDAT (\d+)/i.exec(line)?.[1];
    const replies = await this.#session.say(Buffer.from(`${line}\r\n`));
    if (chunk === undefined) return replies;
    return replies + (await this.#pour(Number(chunk)));
  }

  async #sendContent(octets: number): Promise<string> {
    const replies = await this.#pour(octets);
    return replies + (await this.#session.say(Buffer.from(".\r\n")));
  }

  async #pour(octets: number): Promise<string> {
    let replies = "";
    for (const piece of this.#content.take(Math.min(octets, CONTENT_BYTES_MAX))) {
      replies += await this.#session.say(piece);
    }
    return replies;
  }
}

function wordsOf(step: ReplayStep): string {
  switch (step.kind) {
    case "connect":
      return "(connected)";
    case "tls":
      return `(TLS: ${step.version} ${step.cipher})`;
    case "logon":
      return `AUTH ${step.mechanism}${step.account === undefined ? "" : ` (${step.account})`}`;
    case "content":
      return `(${step.octets} octets of content)`;
    case "command":
    case "unknown":
      return step.line;
    default:
      return unreachable(step);
  }
}

/** Replies agree in code and status; of EHLO's the offers count too, their order does not. */
function compare(before: string, now: string): ReplayedStep["verdict"] {
  if (before === "") return now === "" ? "same" : "unknown";
  return signOf(before) === signOf(now) ? "same" : "different";
}

const CODES = /^\d{3}[ -](?:\d\.\d{1,3}\.\d{1,3})?/;

function signOf(reply: string): string {
  const [first = "", ...rest] = reply.split("\r\n");
  const code = (CODES.exec(first)?.[0] ?? first).replace("-", " ").trimEnd();
  return [code, ...rest.map((line) => line.slice(4)).toSorted()].join("\n");
}

function factsOf(step: ReplayStep & { readonly kind: "tls" }): TlsFacts {
  return { version: step.version, cipher: step.cipher, serverName: undefined };
}

const NO_HANDSHAKE: SessionTls = {
  secureContext: () => {
    throw new Error("a replay makes no handshake");
  },
  requestsCertificate: false,
  heedsServerName: false,
};

/** Takes every message, and keeps none. */
const NOWHERE: SubmissionQueue = {
  submit: () => Promise.resolve(),
  nextMessageId: () => 1,
  appendContent: () => Promise.resolve(),
  discardContent: () => Promise.resolve(),
  readContent: () => Promise.resolve(undefined),
  admits: () => true,
};

/** Logons come out as they did: passwords are nowhere recorded. */
function rememberedLogons(directory: Directory, memory: LogonMemory): Authenticator {
  return {
    mechanisms: (connector, { encrypted }) =>
      offeredMechanisms(connector, { encrypted, hasKerberos: true }),
    begin: (mechanism) => ({
      async next(): Promise<LogonStep> {
        const failed = { kind: "failed", detail: "as it was recorded" } as const;
        const address =
          memory.account === undefined
            ? undefined
            : parseAddress(memory.account, { smtpUtf8: true });
        if (address === undefined) {
          const isTemporary = memory.before.startsWith("4");
          return { ...failed, reason: isTemporary ? "temporary" : "credentials" };
        }
        const [mailbox] = await directory.findRecipients([address]);
        if (mailbox?.kind !== "mailbox") return { ...failed, reason: "credentials" };
        const account = memory.account ?? "";
        return {
          kind: "succeeded",
          logon: { account, mailbox, mechanism, appPassword: undefined },
        };
      },
      cancel: () => undefined,
    }),
  };
}
