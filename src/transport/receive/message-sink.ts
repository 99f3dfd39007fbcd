import { randomUUID } from "node:crypto";
import { formatLogon } from "../../authentication/authenticator.ts";
import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import type { Count, CounterName } from "../../base/metrics.ts";
import { formatDate } from "../../mail/date.ts";
import { HeaderScanner, type HeaderSummary } from "../../mail/header.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { newMessageId } from "../../mail/message-id.ts";
import { formatReceived } from "../../mail/received.ts";
import type { Reply } from "../../smtp/reply.ts";
import { REPLY } from "../../smtp/reply-table.ts";
import type { ContentSink } from "../../smtp/session-handler.ts";
import type { QuarantineMark } from "../../store/quarantine-mark.ts";
import { type Origin, StoreFailure } from "../../store/queue-store.ts";
import type { AgentVerdict } from "../agents/agent-chain.ts";
import type { SubmissionQueue } from "../queue/submission.ts";
import { composeSubmission } from "./compose-submission.ts";
import type { Standing } from "./connector-profile.ts";
import { ContentWriter, type WrittenContent } from "./content-writer.ts";
import { authAsOfMessage, authStamp, firewallEdits } from "./header-firewall.ts";
import { type MessageContext, readWritten } from "./incoming-message.ts";
import type { MessageHearing } from "./message-hearing.ts";
import { POLICY_REPLY } from "./policy-reply.ts";

/** Fields of one header; real mail has below a hundred. */
export const HEADER_FIELDS_MAX = 1000;

/** What a sink needs of its surroundings. */
export interface SinkDependencies {
  readonly queue: SubmissionQueue;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly count: Count;
}

/** Why content is refused: what to say, and under which reason it is counted. */
interface Refusal {
  readonly reply: Reply;
  readonly metric: CounterName;
}

/** A message that has come to its end. */
interface Received {
  readonly written: WrittenContent;
  readonly header: HeaderSummary;
}

const TOO_LARGE: Refusal = {
  reply: POLICY_REPLY.headerTooLarge,
  metric: "postrider_rejected_total:header",
};
const TOO_MANY_FIELDS: Refusal = {
  reply: POLICY_REPLY.tooManyFields,
  metric: "postrider_rejected_total:header",
};
const TOO_BIG: Refusal = {
  reply: REPLY.messageTooBig,
  metric: "postrider_rejected_total:size",
};
const LOOP: Refusal = {
  reply: POLICY_REPLY.hopCountExceeded,
  metric: "postrider_rejected_total:loop",
};

/** Takes one message: its header is looked at as it passes, its content goes to the queue. */
export class MessageSink implements ContentSink {
  readonly #dependencies: SinkDependencies;
  readonly #context: MessageContext;
  #writer: ContentWriter;
  readonly #scanner: HeaderScanner;
  #header: HeaderSummary | undefined;
  #refusal: Refusal | undefined;
  #bytes = 0;
  #bytesMax: number;
  /** The header as it came, where agents want to see it. */
  #headerPieces: Uint8Array[] | undefined;

  constructor(dependencies: SinkDependencies, context: MessageContext) {
    this.#dependencies = dependencies;
    this.#context = context;
    this.#bytesMax = context.limits.bytesMax;
    if (context.hearing !== undefined) this.#headerPieces = [];
    this.#writer = contentWriter(dependencies);
    this.#scanner = headerScanner(context);
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#refusal !== undefined) return undefined;
    this.#bytes += bytes.length;
    let heard: Promise<void> | undefined;
    if (this.#scanner.state === "open") {
      // A copy: the memory goes on to the store; slice() of a Buffer would be a view.
      this.#headerPieces?.push(Uint8Array.from(bytes));
      if (this.#scanner.write(bytes) !== "open") heard = this.#judgeHeader();
    }
    // What the header says of the size must have been seen.
    if (this.#bytes > this.#bytesMax && this.#header !== undefined) this.#refuse(TOO_BIG);
    if (this.#refusal !== undefined) return undefined;
    const written = this.#writer.write(bytes);
    return heard === undefined ? written : heard.then(() => written);
  }

  async end(): Promise<Reply> {
    if (this.#scanner.state === "open") {
      this.#scanner.end();
      const heard = this.#judgeHeader();
      if (heard !== undefined) await heard;
    }
    if (this.#bytes > this.#bytesMax) this.#refuse(TOO_BIG);
    const header = this.#header;
    if (this.#refusal !== undefined || header === undefined) return this.#refused();
    const { checkAuthors, hearing, limits, recipients } = this.#context;
    const asked = checkAuthors?.(this.#scanner.authors());
    const authors = asked instanceof Promise ? await asked : asked;
    const verdict = authors ?? limits.take(recipients.length);
    if (verdict !== undefined) {
      this.#writer.discard();
      return verdict;
    }
    try {
      // Without a promise to wait for, the message is on its way before anything else runs.
      const finished = this.#writer.finish();
      const written = finished instanceof Promise ? await finished : finished;
      if (hearing === undefined) return await this.#submit({ written, header });
      return await this.#hear(hearing, { written, header });
    } catch (error) {
      this.#writer.discard();
      return this.#failed(error);
    }
  }

  abort(): void {
    this.#writer.discard();
  }

  /** The header has come to its end, one way or another. A promise asks the client to wait. */
  #judgeHeader(): Promise<void> | undefined {
    const { maxHopCount, maxLocalHopCount } = this.#context.profile.connector;
    if (this.#scanner.state !== "complete") {
      this.#refuse(this.#scanner.state === "too-large" ? TOO_LARGE : TOO_MANY_FIELDS);
    } else {
      const header = this.#scanner.summary();
      this.#header = header;
      // MaxLocalHopCount 0 is off (reference §2.4).
      const localLoop = maxLocalHopCount > 0 && header.localReceivedCount > maxLocalHopCount;
      if (header.receivedCount > maxHopCount || localLoop) this.#refuse(LOOP);
      const { believesOriginalSize, bytesMax } = this.#context.limits;
      const { originalBytes = Infinity } = header;
      // It was small enough when it came to our servers (reference §11).
      if (believesOriginalSize && originalBytes <= bytesMax) this.#bytesMax = Infinity;
      if (this.#refusal !== undefined) return undefined;
      const { hearing } = this.#context;
      return hearing?.endOfHeaders({ header, headerBytes: this.#headerBytes(header) });
    }
    return undefined;
  }

  /** The client goes on sending; what comes is not kept. */
  #refuse(refusal: Refusal): void {
    this.#refusal ??= refusal;
    this.#writer.discard();
  }

  #refused(): Reply {
    const { reply, metric } = this.#refusal ?? TOO_LARGE;
    this.#writer.discard();
    this.#dependencies.count(metric);
    return reply;
  }

  /** Agents judge the message before it becomes one. */
  async #hear(hearing: MessageHearing, received: Received): Promise<Reply> {
    const { written, header } = received;
    const { queue, count } = this.#dependencies;
    const { profile } = this.#context;
    const verdict = await hearing.endOfData({
      header,
      headerBytes: this.#headerBytes(header),
      bytes: written.bytes,
      content: () => readWritten(queue, written),
    });
    const { draft } = hearing;
    const isDropped = verdict?.kind === "discard" || draft.recipients.length === 0;
    if (verdict?.kind === "refuse" || isDropped) {
      this.#writer.discard();
      const isRefused = verdict?.kind === "refuse";
      count(isRefused ? "postrider_rejected_total:agent" : "postrider_discarded_total:agent");
      if (isRefused) return verdict.reply;
      const messageId = header.messageId || newMessageId(profile.connector.fqdn);
      return queuedReply(messageId, written.contentId, profile.connector.fqdn);
    }
    const changed = draft.content === undefined ? received : await this.#rewrite(draft.content);
    return await this.#submit(changed, { hearing, verdict });
  }

  /** Another content in place of what came. */
  async #rewrite(pieces: readonly Uint8Array[]): Promise<Received> {
    this.#writer.discard();
    this.#writer = contentWriter(this.#dependencies);
    const scanner = headerScanner(this.#context);
    for (const piece of pieces) {
      if (scanner.state === "open") scanner.write(piece);
      await this.#writer.write(piece);
    }
    if (scanner.state === "open") scanner.end();
    // What it says of itself in our name would get past the firewall.
    if (scanner.state !== "complete") throw new Error(`header of an agent is ${scanner.state}`);
    return { written: await this.#writer.finish(), header: scanner.summary() };
  }

  #headerBytes({ bytes }: HeaderSummary): Uint8Array {
    return Buffer.concat(this.#headerPieces ?? []).subarray(0, bytes);
  }

  async #submit(
    { written, header }: Received,
    heard?: { readonly hearing: MessageHearing; readonly verdict: AgentVerdict | undefined },
  ): Promise<Reply> {
    const { queue, clock, count } = this.#dependencies;
    const { organization, profile } = this.#context;
    const { envelope, recipients } = heard?.hearing.draft ?? this.#context;
    const receivedMs = clock.nowMs();
    const internetMessageId = header.messageId || newMessageId(profile.connector.fqdn);
    const submission = composeSubmission(
      {
        networkMessageId: randomUUID(),
        internetMessageId,
        envelope,
        recipients,
        header,
        edits: this.#edits(header, {
          ...{ id: written.contentId, receivedMs, internetMessageId },
          agents: heard?.hearing.edits() ?? [],
        }),
        origin: this.#origin(header),
        receivedMs,
        source: "SMTP",
        ...heard?.hearing.found,
        ...quarantineOf(heard?.verdict),
        sourceContext: sourceContextOf(this.#context),
      },
      written,
      organization,
    );
    await queue.submit(submission);
    count("postrider_messages_received_total:SMTP");
    const { tls } = this.#context.client;
    count(`postrider_secured_total:${tls === undefined ? "in_clear" : "in_tls"}`);
    count("postrider_received_bytes_total", written.bytes);
    count("postrider_recipients_accepted_total", recipients.length);
    return queuedReply(internetMessageId, written.contentId, profile.connector.fqdn);
  }

  #edits(
    header: HeaderSummary,
    facts: {
      readonly id: number;
      readonly receivedMs: number;
      readonly internetMessageId: string;
      readonly agents: readonly HeaderEdit[];
    },
  ): readonly HeaderEdit[] {
    const { profile, standing, connection, client, envelope, recipients } = this.#context;
    const date = formatDate(facts.receivedMs);
    let text = formatReceived({
      helo: client.helo,
      clientAddress: connection.remoteAddress,
      serverName: profile.connector.fqdn,
      serverAddress: connection.localAddress,
      extended: client.extended,
      smtpUtf8: envelope.smtpUtf8,
      authenticated: standing.logon !== undefined,
      frontend: profile.connector.transportRole === "FrontendTransport",
      tls: client.tls,
      id: facts.id,
      recipient: recipients.length === 1 ? recipients[0]?.address : undefined,
      date,
    });
    if (standing.isSubmission) {
      if (header.messageId === "") text += `Message-ID: ${facts.internetMessageId}\r\n`;
      if (!header.hasDate) text += `Date: ${date}\r\n`;
    }
    const stamp = authStamp(standing, {
      serverName: profile.connector.fqdn,
      claimed: header.authAs,
    });
    const edits: HeaderEdit[] = [...firewallEdits(standing.rights, header.firewalledNames)];
    // What we have taken for the body must be one to every reader: a From behind such a line has
    // not been looked at.
    if (header.endsInJunk) edits.push({ kind: "append", text: "\r\n" });
    // Below the firewall, which takes out what the client has said in our name.
    edits.push(...facts.agents);
    // Apart from what every next hop is to see: on its way out the firewall takes the stamp off.
    if (stamp !== "") edits.push({ kind: "prepend", text: stamp });
    edits.push({ kind: "prepend", text });
    return edits;
  }

  #origin(header: HeaderSummary): Origin {
    const { profile, standing, connection, client, limits } = this.#context;
    const { originalBytes } = header;
    const authAs = authAsOfMessage(standing, header.authAs);
    const account = standing.logon?.account;
    return {
      source: "SMTP",
      connector: profile.connector.name,
      clientAddress: connection.remoteAddress,
      clientName: client.helo,
      serverAddress: connection.localAddress,
      directionality: authAs === "Internal" ? "Originating" : "Incoming",
      // Absent is Anonymous: most mail is, and every byte of it is written to disk.
      ...(authAs === "Anonymous" ? {} : { authAs }),
      ...(isOurDevice(standing) && { mayRelay: true }),
      ...(limits.believesOriginalSize && originalBytes !== undefined && { originalBytes }),
      ...(account === undefined ? {} : { account }),
    };
  }

  /** Nothing is acknowledged that is not durable: every failure is the sender's to repeat. */
  #failed(error: unknown): Reply {
    const { diagnostics, count } = this.#dependencies;
    const store = error instanceof StoreFailure;
    count("postrider_rejected_total:store");
    if (store) diagnostics.warn("message-not-stored", { error: error.message, full: error.full });
    else diagnostics.error("receive-failed", { error: describe(error) });
    return store ? POLICY_REPLY.insufficientResources : POLICY_REPLY.temporaryError;
  }
}

function contentWriter({ queue, diagnostics }: SinkDependencies): ContentWriter {
  return new ContentWriter(queue, {
    discardFailed: (error) => diagnostics.warn("content-discard-failed", { error: String(error) }),
  });
}

function headerScanner({ profile, envelope }: MessageContext): HeaderScanner {
  return new HeaderScanner({
    bytesMax: profile.connector.maxHeaderSize,
    fieldsMax: HEADER_FIELDS_MAX,
    localHosts: profile.localHosts,
    isBinary: envelope.body === "BINARYMIME",
  });
}

function quarantineOf(verdict: AgentVerdict | undefined): { readonly quarantine?: QuarantineMark } {
  if (verdict?.kind !== "quarantine") return {};
  const { type, agent, reason } = verdict;
  return { quarantine: { type, agent, reason } };
}

/** Not another server: that one says of each message whose it is. */
function isOurDevice({ authAs, rights }: Standing): boolean {
  return authAs === "Anonymous" && rights.has("ms-Exch-SMTP-Accept-Any-Recipient");
}

/** The session, and who has logged on, by which device and how: never a secret. */
function sourceContextOf({ sessionId, standing: { logon } }: MessageContext): string {
  if (logon === undefined) return sessionId;
  return `${sessionId};AuthUser=${formatLogon(logon)};AuthMechanism=${logon.mechanism}`;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What Exchange says, so that senders' logs can be searched as before (reference §16.3). */
function queuedReply(messageId: string, id: number, fqdn: string): Reply {
  const shown = /^[ -~]*$/.test(messageId) ? messageId : messageId.replace(/[^ -~]/g, "?");
  const line = `${shown} [InternalId=${id}, Hostname=${fqdn}] Queued mail for delivery`;
  return { code: 250, status: "2.6.0", lines: [line] };
}
