import type { FileHandle } from "node:fs/promises";
import { MiB } from "../../base/units.ts";
import { HeaderScanner } from "../../mail/header.ts";
import { parseHeaderFields } from "../../mail/header-fields.ts";
import type { Organization } from "../../org/organization.ts";
import type { DirectoryPoller } from "./directory-poller.ts";
import {
  type FileIntakeDependencies,
  type OpenedFile,
  readPiece,
  type UnusableFile,
} from "./file-intake.ts";
import { createFilePoller } from "./file-poller.ts";
import { injectedBytes, readReplayHeader } from "./replay-header.ts";

/** Octets of the injected fields: room for some hundred thousand recipients. */
export const INJECTED_BYTES_MAX = 8 * MiB;

/**
 * Polls the Replay directory: messages that other servers have written out, envelope first
 * (reference §1.6). Call `start`; one poller per directory, in one thread.
 */
export function createReplay(dependencies: FileIntakeDependencies): DirectoryPoller {
  return createFilePoller(dependencies, {
    source: "REPLAY",
    path: (service) => service.replayDirectoryPath,
    open: openReplay,
  });
}

async function openReplay(
  file: FileHandle,
  { server }: Organization,
): Promise<OpenedFile | UnusableFile> {
  const { bytes, end } = await readInjected(file);
  if (end === undefined) return { kind: "badmail", reason: "injected fields without end" };
  const reading = readReplayHeader(parseHeaderFields(bytes.subarray(0, end)));
  if (reading.kind === "badmail") return reading;
  const { envelope, recipients, fault, trustsHeaders } = reading;
  return {
    kind: "message",
    source: "REPLAY",
    envelope,
    recipients,
    fault,
    head: [bytes.subarray(end)],
    // No limits here (reference §1.6): the scanner keeps none of what it passes over.
    scanner: new HeaderScanner({
      bytesMax: Number.POSITIVE_INFINITY,
      fieldsMax: Number.POSITIVE_INFINITY,
      localHosts: [],
    }),
    origin: {
      source: "REPLAY",
      connector: reading.sourceName,
      clientAddress: reading.sourceAddress,
      clientName: reading.heloDomain,
      serverAddress: "",
      directionality: "Incoming",
    },
    removals: ({ firewalledNames }) => (trustsHeaders ? ["Bcc"] : ["Bcc", ...firewalledNames]),
    appended: "",
    receivedFrom: `from ${server.fqdn} by Replay with Postrider`,
    hasBadMessageId: false,
  };
}

/** Reads until the injected fields are over; `end` is undefined when they are too many. */
async function readInjected(
  file: FileHandle,
): Promise<{ readonly bytes: Buffer; readonly end: number | undefined }> {
  let bytes = Buffer.alloc(0);
  let seen = 0;
  for (;;) {
    const piece = await readPiece(file);
    if (piece !== undefined) bytes = Buffer.concat([bytes, piece]);
    // Looked at again only after it has doubled: many recipients cost no quadratic time.
    if (piece !== undefined && bytes.length < 2 * seen) continue;
    seen = bytes.length;
    const end = injectedBytes(bytes, piece === undefined);
    if (end !== undefined || piece === undefined) return { bytes, end };
    if (bytes.length > INJECTED_BYTES_MAX) return { bytes, end: undefined };
  }
}
