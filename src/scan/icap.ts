import { createHash } from "node:crypto";
import { fault, ok, type Result } from "../base/result.ts";
import type { MalwareVerdict } from "./clamd.ts";
import {
  type IcapOptions,
  IcapOptionsReader,
  IcapVerdictReader,
  type SentContent,
} from "./icap-answer.ts";
import { formatScanEndpoint } from "./scan-endpoint.ts";
import type { ScanFault } from "./scan-fault.ts";
import type { ScanContent, ScanPeer } from "./scan-peer.ts";
import { type TalkOutput, talkTo } from "./scan-talk.ts";

/** A message for an ICAP service. */
export interface IcapMessage {
  /** The service's name, the path of its URI; `avscan`, for one. */
  readonly service: string;
  readonly options: IcapOptions;
  readonly content: ScanContent;
  /** The client that sent the message. */
  readonly clientAddress?: string | undefined;
}

const SERVICE = /^[A-Za-z0-9._~/?=&%-]{1,200}$/;

/** Asks a service what it can do (RFC 3507 §4.10). Never rejects. */
export function askIcapOptions(
  peer: ScanPeer,
  service: string,
): Promise<Result<IcapOptions, ScanFault>> {
  if (!SERVICE.test(service)) return Promise.resolve(badService());
  return talkTo(peer, {
    reader: new IcapOptionsReader(),
    say: async (out) => {
      const lines = [...requestLines("OPTIONS", peer, service), "Encapsulated: null-body=0"];
      await out.write(`${lines.join("\r\n")}\r\n\r\n`);
    },
  });
}

/**
 * Has an ICAP service look at a message as if it were a file that somebody downloads (RESPMOD) or
 * uploads (REQMOD), with a preview if the service wants one (RFC 3507 §4.5). Rejects only when the
 * content cannot be read.
 */
export async function scanByIcap(
  peer: ScanPeer,
  message: IcapMessage,
): Promise<Result<MalwareVerdict, ScanFault>> {
  if (!SERVICE.test(message.service)) return badService();
  const hash = createHash("sha256");
  const returned = createHash("sha256");
  let isSent = false;
  const { bytes } = message.content;
  const sent: SentContent = {
    bytes,
    digest: () => (isSent ? hash.copy().digest("hex") : undefined),
  };
  let goOn: () => void = () => {};
  const continued = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  return await talkTo(peer, {
    reader: new IcapVerdictReader({
      sent,
      returned: {
        update: (body) => void returned.update(body),
        digest: () => returned.digest("hex"),
      },
      goOn,
    }),
    say: async (out) => {
      if (!(await out.write(formatIcapRequest(peer, message)))) return;
      await sayBody(message, out, {
        hash: (piece) => void hash.update(piece),
        continued,
        sent: () => {
          isSent = true;
        },
      });
    },
  });
}

function badService(): Result<never, ScanFault> {
  return fault({ kind: "refused", text: "the name of the service is not fit for a URI" });
}

function requestLines(method: string, peer: ScanPeer, service: string): readonly string[] {
  const host = peer.endpoint.kind === "unix" ? "localhost" : formatScanEndpoint(peer.endpoint);
  return [
    `${method} icap://${host}/${service.replace(/^\//, "")} ICAP/1.0`,
    `Host: ${host}`,
    "User-Agent: Postrider",
    "Connection: close",
  ];
}

/** The head of a request, with heads of HTTP for the message (RFC 3507 §4.8, §4.9). */
export function formatIcapRequest(peer: ScanPeer, message: IcapMessage): string {
  const { service, options, content, clientAddress } = message;
  const isDownload = options.method === "RESPMOD";
  const request = isDownload
    ? "GET http://localhost/message.eml HTTP/1.1\r\nHost: localhost\r\n\r\n"
    : `POST http://localhost/message.eml HTTP/1.1\r\nHost: localhost\r\n${typeAndLength(content)}`;
  const response = isDownload ? `HTTP/1.1 200 OK\r\n${typeAndLength(content)}` : "";
  const places = isDownload
    ? `req-hdr=0, res-hdr=${request.length}, res-body=${request.length + response.length}`
    : `req-hdr=0, req-body=${request.length}`;
  const lines = [
    ...requestLines(options.method, peer, service),
    "Allow: 204",
    ...(options.previewBytes === undefined ? [] : [`Preview: ${options.previewBytes}`]),
    ...(clientAddress === undefined ? [] : [`X-Client-IP: ${clientAddress}`]),
    `Encapsulated: ${places}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${request}${response}`;
}

function typeAndLength({ bytes }: ScanContent): string {
  return `Content-Type: message/rfc822\r\nContent-Length: ${bytes}\r\n\r\n`;
}

const LAST_CHUNK = "0\r\n\r\n";

/** The body in chunks, cut at the end of the preview, where the service has a say. */
async function sayBody(
  { options, content }: IcapMessage,
  out: TalkOutput,
  told: {
    readonly hash: (piece: Uint8Array) => void;
    readonly continued: Promise<void>;
    readonly sent: () => void;
  },
): Promise<void> {
  const { previewBytes } = options;
  let previewLeft = previewBytes ?? Number.POSITIVE_INFINITY;
  const isAllPreview = previewBytes !== undefined && content.bytes <= previewBytes;
  const waitForMore = async (): Promise<boolean> => {
    previewLeft = Number.POSITIVE_INFINITY;
    if (!(await out.write(LAST_CHUNK))) return false;
    const over = new Promise<void>((resolve) => {
      out.over.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([told.continued, over]);
    return !out.over.aborted;
  };
  const sayChunk = (piece: Uint8Array): Promise<boolean> | true => {
    if (piece.length === 0) return true;
    told.hash(piece);
    return out.write(`${piece.length.toString(16)}\r\n`, piece, "\r\n");
  };
  for await (const piece of content.read()) {
    const first = piece.subarray(0, Math.min(previewLeft, piece.length));
    if (!(await sayChunk(first))) return;
    previewLeft -= first.length;
    if (isAllPreview || first.length === piece.length) continue;
    if (!(await waitForMore()) || !(await sayChunk(piece.subarray(first.length)))) return;
  }
  told.sent();
  await out.write(isAllPreview ? "0; ieof\r\n\r\n" : LAST_CHUNK);
}

/** What a service can do, asked again only when what it said has run out. */
export class IcapOptionsCache {
  readonly #known = new Map<string, { readonly options: IcapOptions; readonly untilMs: number }>();

  /** Never rejects; a fault is not remembered. */
  async ask(peer: ScanPeer, service: string): Promise<Result<IcapOptions, ScanFault>> {
    const key = `${formatScanEndpoint(peer.endpoint)} ${service}`;
    const known = this.#known.get(key);
    if (known !== undefined && known.untilMs > peer.clock.monotonicMs()) return ok(known.options);
    const asked = await askIcapOptions(peer, service);
    if (!asked.ok) return asked;
    // There are as many as the settings name; after many changes of those, it starts anew.
    if (this.#known.size >= SERVICES_MAX) this.#known.clear();
    this.#known.set(key, {
      options: asked.value,
      untilMs: peer.clock.monotonicMs() + asked.value.ttlMs,
    });
    return asked;
  }
}

const SERVICES_MAX = 100;
