import { randomBytes, randomUUID } from "node:crypto";
import type { Clock, Timer } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { DAY, SECOND } from "../../base/units.ts";
import { type Address, addressKey } from "../../mail/address.ts";
import { newMessageId } from "../../mail/message-id.ts";
import { composeQuarantineDigest, type DigestEntry } from "../../mail/quarantine-digest.ts";
import type { Directory } from "../../org/directory.ts";
import type { Organization } from "../../org/organization.ts";
import { postmasterOf } from "../../org/postmaster.ts";
import {
  type PlacedRecipient,
  QUARANTINE_QUEUE_ID,
  type QueuedMessage,
  type QueueStore,
} from "../../store/queue-store.ts";
import type { RecordStore } from "../../store/record-store.ts";
import { ownSubmission } from "../queue/report-submission.ts";
import type { SubmissionQueue } from "../queue/submission.ts";
import { type DigestSpan, dueDigest } from "./digest-schedule.ts";
import { formatQuarantineLink, QUARANTINE_ROOT } from "./quarantine-link.ts";

/** What digests are made of. */
export interface DigestParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly organization: () => Organization;
  readonly directory: Pick<Directory, "findRecipients">;
  readonly store: Pick<QueueStore, "readQueue">;
  readonly records: Pick<RecordStore, "read" | "write">;
  readonly queue: Pick<SubmissionQueue, "submit" | "nextMessageId">;
  readonly linkKey: Uint8Array;
}

const LOOK_INTERVAL_MS = 10 * SECOND;
const PAGE_RECIPIENTS = 200;
/** Messages that one digest shows; of more it says how many. */
const ENTRIES_MAX = 100;
/** Mails after which it is written down how far a digest has come. */
const NOTED_AFTER = 20;
const KIND = "quarantine-digest";
const KEY = "state";
const STATE_KEPT_MS = 365 * DAY;

/** How far digests have come. */
interface DigestState {
  /** Up to when all have been told. */
  readonly throughMs: number;
  /** A digest that was broken off: who had it already, by address key in order. */
  readonly begun?: { readonly throughMs: number; readonly after: string };
}

/** What one mailbox is told. */
interface Letter {
  readonly address: Address;
  readonly entries: DigestEntry[];
  count: number;
}

/** Tells mailboxes at set times what is in quarantine for them; one thread of a server does. */
export class DigestSender {
  readonly #parts: DigestParts;
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: DigestParts) {
    this.#parts = parts;
  }

  /** Begins to look, every ten seconds. */
  start(): void {
    this.#timer = this.#parts.clock.startTimer(LOOK_INTERVAL_MS, () => {
      this.#running = this.work();
      void this.#running.then(() => {
        if (!this.#isStopped) this.start();
      });
    });
  }

  /** Ends; a digest under way is broken off after the mail at hand, and goes on after a start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** Sends the digest that is due, if there is one. Never rejects: the next turn tries again. */
  async work(): Promise<void> {
    const { clock, diagnostics, organization } = this.#parts;
    const { quarantinePolicy: policy } = organization();
    if (!policy.esnEnabled) return;
    try {
      const state = await this.#readState();
      const due = dueDigest(policy, { nowMs: clock.nowMs(), lastMs: state?.throughMs });
      if (due === undefined) return;
      const base = linkBase(organization());
      if (base === undefined) {
        diagnostics.warn("quarantine-digest-without-links", {
          cure: "set endUserSpamNotificationUrl of the quarantine policy, or server.admin.listen",
        });
        return;
      }
      await this.#send(due, base, state);
    } catch (error) {
      diagnostics.warn("quarantine-digest-not-sent", { reason: String(error) });
    }
  }

  async #send(due: DigestSpan, base: string, state: DigestState | undefined): Promise<void> {
    const letters = await this.#gather(due, base);
    const { begun } = state ?? {};
    const after = begun?.throughMs === due.throughMs ? begun.after : "";
    const lastMs = state?.throughMs ?? due.afterMs;
    let sent = 0;
    for (const [key, letter] of [...letters].sort(([one], [other]) => (one < other ? -1 : 1))) {
      if (key <= after) continue;
      if (this.#isStopped) return;
      await this.#mail(letter);
      sent += 1;
      if (sent % NOTED_AFTER > 0) continue;
      await this.#writeState({
        throughMs: lastMs,
        begun: { throughMs: due.throughMs, after: key },
      });
    }
    await this.#writeState({ throughMs: due.throughMs });
    this.#parts.diagnostics.info("quarantine-digest-sent", { mailboxes: sent });
  }

  /** Reads the whole quarantine once; the newest messages of a mailbox are those it is told of. */
  async #gather(due: DigestSpan, base: string): Promise<ReadonlyMap<string, Letter>> {
    const { store } = this.#parts;
    const letters = new Map<string, Letter>();
    // What expires by then had come before.
    let after = { dueMs: due.afterMs, messageId: 0, position: 0 };
    for (;;) {
      const page = { dueMs: Number.MAX_SAFE_INTEGER, limit: PAGE_RECIPIENTS, after };
      const stored = await store.readQueue(QUARANTINE_QUEUE_ID, page);
      const last = stored.at(-1)?.recipients.at(-1);
      if (last === undefined || this.#isStopped) return letters;
      const { messageId, recipient, placement } = last;
      after = { dueMs: placement.dueMs, messageId, position: recipient.position };
      const told = stored.flatMap(({ message, recipients }) =>
        this.#isTold(message, due) ? recipients.map((placed) => ({ message, placed })) : [],
      );
      await this.#add(letters, told, base);
    }
  }

  #isTold({ quarantine }: QueuedMessage, due: DigestSpan): boolean {
    if (quarantine === undefined) return false;
    const { endUserQuarantineTypes } = this.#parts.organization().quarantinePolicy;
    const isNew = quarantine.sinceMs > due.afterMs && quarantine.sinceMs <= due.throughMs;
    return isNew && endUserQuarantineTypes.includes(quarantine.type);
  }

  /** Mailboxes alone: what goes to a group is not for each of its members to release. */
  async #add(
    letters: Map<string, Letter>,
    told: readonly { readonly message: QueuedMessage; readonly placed: PlacedRecipient }[],
    base: string,
  ): Promise<void> {
    const { directory, linkKey } = this.#parts;
    if (told.length === 0) return;
    const addresses = told.map(({ placed }) => placed.recipient.address);
    const found = await directory.findRecipients(addresses);
    for (const [at, { message, placed }] of told.entries()) {
      const mailbox = found[at];
      if (mailbox?.kind !== "mailbox") continue;
      const address = mailbox.primarySmtpAddress;
      const key = addressKey(address);
      const letter = letters.get(key) ?? { address, entries: [], count: 0 };
      letters.set(key, letter);
      letter.count += 1;
      letter.entries.unshift(entryOf(message, placed, { base, linkKey }));
      letter.entries.length = Math.min(letter.entries.length, ENTRIES_MAX);
    }
  }

  async #mail({ address, entries, count }: Letter): Promise<void> {
    const { clock, queue } = this.#parts;
    const organization = this.#parts.organization();
    const { quarantinePolicy: policy, server } = organization;
    const nowMs = clock.nowMs();
    const from = policy.endUserSpamNotificationCustomFromAddress ?? postmasterOf(organization);
    const { esnCustomSubject: subject } = policy;
    const messageId = newMessageId(server.fqdn);
    const boundaryKey = randomBytes(12).toString("hex");
    const mail = { from, to: address, subject, messageId, nowMs, entries, count, boundaryKey };
    const content = composeQuarantineDigest(mail);
    const id = await queue.nextMessageId();
    const message = digestMessage({ id, mail, bytes: content.length, serverName: server.fqdn });
    await queue.submit(ownSubmission(message, { address, content, organization }));
  }

  async #readState(): Promise<DigestState | undefined> {
    const record = await this.#parts.records.read(KIND, KEY);
    // What the store holds is what we wrote.
    return record && (JSON.parse(record.json) as DigestState);
  }

  async #writeState(state: DigestState): Promise<void> {
    const expiresMs = this.#parts.clock.nowMs() + STATE_KEPT_MS;
    await this.#parts.records.write([
      { kind: KIND, key: KEY, json: JSON.stringify(state), expiresMs },
    ]);
  }
}

/** Where links lead, without a slash at its end; `undefined`: nowhere. */
export function linkBase({ quarantinePolicy, server }: Organization): string | undefined {
  const { endUserSpamNotificationUrl: url } = quarantinePolicy;
  if (url !== undefined) return url.replace(/\/+$/, "");
  const { listen } = server.admin;
  return listen && `https://${server.fqdn}:${listen.port}`;
}

function entryOf(
  message: QueuedMessage,
  { recipient, placement }: PlacedRecipient,
  { base, linkKey }: { readonly base: string; readonly linkKey: Uint8Array },
): DigestEntry {
  const expiresMs = placement.dueMs;
  const token = formatQuarantineLink(
    { messageId: message.id, position: recipient.position, expiresMs },
    linkKey,
  );
  const view = `${base}${QUARANTINE_ROOT}${token}`;
  return {
    subject: message.subject,
    from: message.headerFrom || message.envelope.sender,
    receivedMs: message.receivedMs,
    type: message.quarantine?.type ?? "Policy",
    expiresMs,
    links: { view, release: `${view}/release`, allow: `${view}/allow` },
  };
}

function digestMessage(parts: {
  readonly id: number;
  readonly mail: Pick<
    Parameters<typeof composeQuarantineDigest>[0],
    "from" | "subject" | "messageId" | "nowMs"
  >;
  readonly bytes: number;
  readonly serverName: string;
}): QueuedMessage {
  const { id, mail, bytes, serverName } = parts;
  return {
    id,
    networkMessageId: randomUUID(),
    contentId: id,
    contentBytes: bytes,
    envelope: { sender: "", body: "7BIT", smtpUtf8: false, ret: undefined, envid: undefined },
    edits: [],
    internetMessageId: mail.messageId,
    subject: mail.subject,
    headerFrom: mail.from,
    receivedMs: mail.nowMs,
    priority: "Normal",
    origin: {
      source: "AGENT",
      connector: "",
      clientAddress: "",
      clientName: serverName,
      serverAddress: "",
      directionality: "Originating",
      // No agent looks at it, and no report tells of it.
      isReport: true,
    },
  };
}
