import { randomUUID } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import type { Count } from "../../base/metrics.ts";
import { KiB } from "../../base/units.ts";
import { formatDate } from "../../mail/date.ts";
import type { Envelope } from "../../mail/envelope.ts";
import type { HeaderScanner, HeaderSummary } from "../../mail/header.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { LineEndNormalizer } from "../../mail/line-ends.ts";
import { newMessageId } from "../../mail/message-id.ts";
import { defaultAcceptedDomain } from "../../org/accepted-domain.ts";
import type { Organization } from "../../org/organization.ts";
import { type Origin, type QueuedMessage, StoreFailure } from "../../store/queue-store.ts";
import type { Fault } from "../queue/outcome.ts";
import type { Submission, SubmissionQueue } from "../queue/submission.ts";
import { formatTrackingEvent } from "../tracking/tracking-line.ts";
import { type AcceptedRecipient, composeSubmission } from "./compose-submission.ts";
import { ContentWriter } from "./content-writer.ts";
import type { FileEnd, PolledFile } from "./directory-poller.ts";
import { contentFault } from "./pickup-header.ts";
import { needsSmtpUtf8 } from "./replay-header.ts";

/** What Pickup and Replay need of their surroundings. */
export interface FileIntakeDependencies {
  readonly organization: () => Organization;
  /** Relative paths of the directories are below it. */
  readonly dataDirectory: string;
  readonly queue: SubmissionQueue;
  /**
   * Fails a message that never entered the queue, for all its recipients, and tells its sender.
   * Resolves once the notice is durable; rejects with StoreFailure, and then nothing remains.
   */
  readonly reject: (submission: Submission, fault: Fault) => Promise<void>;
  /** Makes tracking lines durable that belong to no stored message. Rejects with StoreFailure. */
  readonly record: (events: string) => Promise<void>;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly count: Count;
}

/** A file whose envelope has been read, and how its content goes on. */
export interface OpenedFile {
  readonly kind: "message";
  readonly source: "PICKUP" | "REPLAY";
  /** `body` undefined: as the content turns out to be. */
  readonly envelope: Pick<Envelope, "sender" | "ret" | "envid"> & {
    readonly body: Envelope["body"] | undefined;
  };
  readonly recipients: readonly AcceptedRecipient[];
  readonly fault: Fault | undefined;
  /** Content read so far. */
  readonly head: readonly Uint8Array[];
  /** Has seen what a reader had to see of the header; sees the rest as it passes. */
  readonly scanner: HeaderScanner;
  readonly origin: Origin;
  /** Fields to be taken out, once the header is known. */
  readonly removals: (header: HeaderSummary) => readonly string[];
  /** Whole header lines to be added at the end. */
  readonly appended: string;
  /** Words of the Received field between its name and `id`. */
  readonly receivedFrom: string;
  /** The Message-ID field is there but no message id: it is replaced. */
  readonly hasBadMessageId: boolean;
}

/** Where a directory lies; `undefined` when it is switched off. */
export function directoryPath(
  { dataDirectory }: FileIntakeDependencies,
  path: string | undefined,
): string | undefined {
  return path === undefined ? undefined : resolve(dataDirectory, path);
}

/** A file that cannot become a message, and why. */
export interface UnusableFile {
  readonly kind: "badmail";
  readonly reason: string;
}

const READ_BYTES = 64 * KiB;
const NUL = "Invalid characters: message contains a NUL";

/** The next bytes of a file, in memory of their own; `undefined` at its end. */
export async function readPiece(file: FileHandle): Promise<Uint8Array | undefined> {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
  return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
}

/** Queues an opened file, or has its sender told; in constant memory. Throws when we are wrong. */
export async function queueFile(
  dependencies: FileIntakeDependencies,
  file: PolledFile,
  opened: OpenedFile,
): Promise<FileEnd> {
  const { diagnostics, queue, count } = dependencies;
  const writer = new ContentWriter(queue, {
    discardFailed: (error) => diagnostics.warn("content-discard-failed", { error: String(error) }),
  });
  try {
    const { has8Bit, hasNul } = await copyContent(file.handle, opened, writer);
    if (!(await file.isUnchanged())) {
      writer.discard();
      return { kind: "later", reason: "still being written" };
    }
    if (hasNul && opened.envelope.sender === "") {
      writer.discard();
      return await recordBadmail(dependencies, opened.source, { name: file.name, reason: NUL });
    }
    const written = await writer.finish();
    const fault = opened.fault ?? (hasNul ? contentFault(opened.source, "5.6.11", NUL) : undefined);
    const isRefused = fault !== undefined;
    const submission = compose(dependencies, opened, { written, has8Bit, isRefused });
    if (fault !== undefined) {
      await dependencies.reject(submission, fault);
      return { kind: "done" };
    }
    await queue.submit(submission);
    count(`postrider_messages_received_total:${opened.source}`);
    count("postrider_received_bytes_total", written.bytes);
    count("postrider_recipients_accepted_total", opened.recipients.length);
    return { kind: "done" };
  } catch (error) {
    writer.discard();
    if (error instanceof StoreFailure || isFileFault(error)) {
      return { kind: "later", reason: error.message };
    }
    throw error;
  }
}

/** Binary content passes as it is; all other gets CRLF line ends, which files seldom have here. */
async function copyContent(
  file: FileHandle,
  { envelope, head, scanner }: OpenedFile,
  writer: ContentWriter,
): Promise<LineEndNormalizer> {
  const normalizer = new LineEndNormalizer();
  const isBinary = envelope.body === "BINARYMIME";
  const pass = async (piece: Uint8Array) => {
    const bytes = isBinary ? piece : normalizer.write(piece);
    scanner.write(bytes);
    await writer.write(bytes);
  };
  for (const piece of head) await pass(piece);
  for (let piece = await readPiece(file); piece !== undefined; piece = await readPiece(file)) {
    await pass(piece);
  }
  if (!isBinary) await writer.write(normalizer.end());
  scanner.end();
  return normalizer;
}

function compose(
  dependencies: FileIntakeDependencies,
  opened: OpenedFile,
  content: {
    readonly written: Awaited<ReturnType<ContentWriter["finish"]>>;
    readonly has8Bit: boolean;
    readonly isRefused: boolean;
  },
): Submission {
  const { written, has8Bit } = content;
  const organization = dependencies.organization();
  const receivedMs = dependencies.clock.nowMs();
  const header = opened.scanner.summary();
  const { sender, body, ret, envid } = opened.envelope;
  const home = defaultAcceptedDomain(organization)?.domainName ?? organization.server.fqdn;
  const addsMessageId = header.messageId === "" || opened.hasBadMessageId;
  const internetMessageId = addsMessageId ? newMessageId(home) : header.messageId;
  const date = formatDate(receivedMs);
  const removed = [...opened.removals(header)];
  if (opened.hasBadMessageId) removed.push("Message-ID");
  if (!header.hasDate) removed.push("Date");
  const edits: HeaderEdit[] = removed.map((name) => ({ kind: "remove", name }));
  edits.push({
    kind: "prepend",
    text:
      `Received: ${opened.receivedFrom}\r\n\tid ${written.contentId};\r\n\t${date}\r\n` +
      (addsMessageId ? `Message-ID: ${internetMessageId}\r\n` : "") +
      (header.hasDate ? "" : `Date: ${date}\r\n`),
  });
  if (opened.appended !== "") edits.push({ kind: "append", text: opened.appended });
  return composeSubmission(
    {
      networkMessageId: randomUUID(),
      internetMessageId,
      envelope: {
        sender,
        body: body ?? (has8Bit ? "8BITMIME" : "7BIT"),
        smtpUtf8: needsSmtpUtf8(sender, opened.recipients),
        // The notice of a file that is refused has the original attached (reference §1.6).
        ret: content.isRefused ? "FULL" : ret,
        envid,
      },
      recipients: opened.recipients,
      header,
      edits,
      origin: opened.origin,
      receivedMs,
      source: opened.source,
    },
    written,
    organization,
  );
}

/** Leaves a trace of a file that nobody can be told about. */
export async function recordBadmail(
  dependencies: FileIntakeDependencies,
  source: "PICKUP" | "REPLAY",
  file: { readonly name: string; readonly reason: string },
): Promise<FileEnd> {
  const { clock, diagnostics, organization, record } = dependencies;
  const nowMs = clock.nowMs();
  const { server, transportService: service } = organization();
  diagnostics.warn("badmail-found", { source, name: file.name, reason: file.reason });
  if (!service.messageTrackingLogEnabled) return { kind: "badmail" };
  const sourceContext = `${file.name}: ${file.reason}`;
  const event = {
    event: "BADMAIL",
    source,
    message: noMessage(source, nowMs),
    recipients: [],
    sourceContext,
  } as const;
  try {
    await record(
      formatTrackingEvent(event, nowMs, { subjectLogging: true, serverName: server.fqdn }),
    );
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error;
    return { kind: "later", reason: error.message };
  }
  return { kind: "badmail" };
}

/** What a tracking line says of a file that never became a message. */
function noMessage(source: "PICKUP" | "REPLAY", nowMs: number): QueuedMessage {
  return {
    id: 0,
    networkMessageId: "",
    contentId: 0,
    contentBytes: 0,
    envelope: { sender: "", body: "7BIT", smtpUtf8: false, ret: undefined, envid: undefined },
    edits: [],
    internetMessageId: "",
    subject: "",
    headerFrom: "",
    receivedMs: nowMs,
    priority: "Normal",
    origin: {
      source,
      connector: "",
      clientAddress: "",
      clientName: "",
      serverAddress: "",
      directionality: "Incoming",
    },
  };
}

/** The disk could not give us the file: an error of the system, with its code. */
export function isFileFault(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}
