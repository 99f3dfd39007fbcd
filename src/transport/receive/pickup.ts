import type { FileHandle } from "node:fs/promises";
import { HeaderScanner } from "../../mail/header.ts";
import { parseHeaderFields } from "../../mail/header-fields.ts";
import type { Organization } from "../../org/organization.ts";
import type { Fault } from "../queue/outcome.ts";
import type { DirectoryPoller } from "./directory-poller.ts";
import {
  type FileIntakeDependencies,
  type OpenedFile,
  readPiece,
  type UnusableFile,
} from "./file-intake.ts";
import { createFilePoller } from "./file-poller.ts";
import { HEADER_FIELDS_MAX } from "./message-sink.ts";
import { contentFault, readPickupHeader } from "./pickup-header.ts";

/** Fields that a pickup file may not bring: they are ours to write, or for nobody to see. */
const REMOVED = /^(?:received|bcc|resent-.*|x-ms-exchange-(?:organization|forest)-.*)$/;

/** A Message-ID as RFC 5322 §3.6.4 has it. */
const MESSAGE_ID = /^<[^<>\s@]+@[^<>\s@]+>$/;

/**
 * Polls the Pickup directory: messages that applications write as files (reference §1.6). Call
 * `start`; one poller per directory, in one thread.
 */
export function createPickup(dependencies: FileIntakeDependencies): DirectoryPoller {
  return createFilePoller(dependencies, {
    source: "PICKUP",
    path: (service) => service.pickupDirectoryPath,
    open: openPickup,
  });
}

/** Reads the header, so far as the limit goes, and what it says of sender and recipients. */
async function openPickup(
  file: FileHandle,
  organization: Organization,
): Promise<OpenedFile | UnusableFile> {
  const { transportService: service, server } = organization;
  const scanner = new HeaderScanner({
    bytesMax: service.pickupDirectoryMaxHeaderSize,
    fieldsMax: HEADER_FIELDS_MAX,
    localHosts: [],
  });
  const head: Uint8Array[] = [];
  while (scanner.state === "open") {
    const piece = await readPiece(file);
    if (piece === undefined) {
      scanner.end();
    } else {
      head.push(piece);
      scanner.write(piece);
    }
  }
  const isWhole = scanner.state === "complete";
  const headerBytes = isWhole ? scanner.summary().bytes : service.pickupDirectoryMaxHeaderSize;
  const found = parseHeaderFields(Buffer.concat(head).subarray(0, headerBytes));
  // Of a header that is too large, the last field may be cut.
  const fields = isWhole ? found : found.slice(0, -1);
  const recipientsMax = service.pickupDirectoryMaxRecipientsPerMessage;
  const reading = readPickupHeader(fields, { recipientsMax });
  if (reading.kind === "badmail") return reading;
  const removed = [...new Set(fields.map(({ name }) => name).filter((name) => REMOVED.test(name)))];
  const messageId = fields.find(({ name }) => name === "message-id")?.value;
  return {
    kind: "message",
    source: "PICKUP",
    envelope: { sender: reading.sender, body: undefined, ret: undefined, envid: undefined },
    recipients: reading.recipients,
    fault: headerFault(scanner) ?? reading.fault,
    head,
    scanner,
    origin: {
      source: "PICKUP",
      connector: "",
      clientAddress: "",
      clientName: server.fqdn,
      serverAddress: "",
      directionality: "Originating",
      // Who may write files here is one of ours, as one who has logged on.
      authAs: "Internal",
    },
    removals: () => removed,
    appended: reading.bccOnly ? "To: Undisclosed Recipients:;\r\n" : "",
    receivedFrom: `from localhost by Pickup (${server.fqdn}) with Postrider`,
    hasBadMessageId: messageId !== undefined && !MESSAGE_ID.test(messageId),
  };
}

function headerFault(scanner: HeaderScanner): Fault | undefined {
  switch (scanner.state) {
    case "too-large":
      return contentFault("PICKUP", "5.3.4", "Header size exceeds fixed maximum size");
    case "too-many-fields":
      return contentFault("PICKUP", "5.3.4", "Header count exceeds fixed maximum number of fields");
    default:
      return undefined;
  }
}
