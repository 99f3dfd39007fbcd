import { fault, ok, type Result } from "../base/result.ts";
import { ChunkedBody } from "./chunked-body.ts";
import type { MalwareVerdict } from "./clamd.ts";
import { HeadCollector, type MessageHead } from "./message-head.ts";
import { quoted, type ScanFault } from "./scan-fault.ts";
import type { AnswerReader } from "./scan-talk.ts";

/** What an ICAP service can do, as it says itself (RFC 3507 §4.10.2). */
export interface IcapOptions {
  readonly method: "RESPMOD" | "REQMOD";
  /** How much of a message it wants to see first; `undefined`: all of it at once. */
  readonly previewBytes: number | undefined;
  /** How long this holds. */
  readonly ttlMs: number;
}

/** What goes out, as far as the answer has to be held against it. */
export interface SentContent {
  /** Of the whole content. */
  readonly bytes: number;
  /** SHA-256 of the content once all of it has been sent. */
  digest(): string | undefined;
}

/** One hash as content passes. */
export interface BodyDigest {
  update(bytes: Uint8Array): void;
  digest(): string;
}

const STATUS = /^ICAP\/1\.[01] ([1-5]\d\d)(?: .*)?$/;
const PREVIEW_BYTES_MAX = 65_536;
const TTL_MS_DEFAULT = 300_000;
const TTL_MS_MAX = 3_600_000;

/** Reads the head of an answer to OPTIONS. */
export function parseIcapOptions(head: MessageHead): Result<IcapOptions, ScanFault> {
  const status = parseStatus(head);
  if (!status.ok) return status;
  if (status.value !== 200) return refused(head);
  const methods = (head.fields.get("methods") ?? "").toUpperCase();
  const method = (["RESPMOD", "REQMOD"] as const).find((known) => methods.includes(known));
  if (method === undefined) return protocol("the service offers neither RESPMOD nor REQMOD");
  const preview = head.fields.get("preview") ?? "";
  const ttl = head.fields.get("options-ttl") ?? "";
  return ok({
    method,
    previewBytes: /^\d{1,9}$/.test(preview)
      ? Math.min(Number(preview), PREVIEW_BYTES_MAX)
      : undefined,
    ttlMs: /^\d{1,9}$/.test(ttl) ? Math.min(Number(ttl) * 1000, TTL_MS_MAX) : TTL_MS_DEFAULT,
  });
}

/** Reads an answer to OPTIONS; its body, if any, says nothing to us. */
export class IcapOptionsReader implements AnswerReader<IcapOptions> {
  readonly #collector = new HeadCollector();

  push(bytes: Uint8Array): Result<IcapOptions, ScanFault> | undefined {
    const collected = this.#collector.push(bytes);
    if (collected === undefined) return undefined;
    return collected.ok ? parseIcapOptions(collected.value.head) : protocol(collected.fault);
  }

  end(): Result<IcapOptions, ScanFault> {
    return protocol("closed without an answer");
  }
}

/** Fields by which scanners name what they have found; none is in the RFC. */
const FOUND_FIELDS = ["x-infection-found", "x-virus-id", "x-virus-name", "x-violations-found"];

/** The name of what was found; `undefined`: the head does not say that something was. */
export function findInfection({ fields }: MessageHead): string | undefined {
  for (const name of FOUND_FIELDS) {
    const value = fields.get(name);
    if (value === undefined || value === "" || value === "0") continue;
    const [, threat] = /Threat=([^;]{1,200})/i.exec(value) ?? [];
    return quoted((threat ?? value).trim());
  }
  return undefined;
}

/**
 * Reads the answer to a message: 204 is clean, and so is a 200 that gives the content back as it
 * was, for some services know no 204. Anything else that they give back in its place means that
 * they don't want it to go on as it is.
 */
export class IcapVerdictReader implements AnswerReader<MalwareVerdict> {
  readonly #sent: SentContent;
  readonly #returned: BodyDigest;
  readonly #goOn: () => void;
  #collector = new HeadCollector();
  #hasGoneOn = false;
  #part: "head" | "http" | "body" = "head";
  #httpLeft = 0;
  #http = "";
  #returnedBytes = 0;
  readonly #body = new ChunkedBody();

  /** `goOn` is called when the service wants what is behind the preview. */
  constructor(given: {
    readonly sent: SentContent;
    readonly returned: BodyDigest;
    readonly goOn: () => void;
  }) {
    this.#sent = given.sent;
    this.#returned = given.returned;
    this.#goOn = given.goOn;
  }

  push(bytes: Uint8Array): Result<MalwareVerdict, ScanFault> | undefined {
    let rest = bytes;
    while (this.#part === "head") {
      const collected = this.#collector.push(rest);
      if (collected === undefined) return undefined;
      if (!collected.ok) return protocol(collected.fault);
      rest = collected.value.rest;
      const verdict = this.#takeHead(collected.value.head);
      if (verdict !== undefined) return verdict;
    }
    if (this.#part === "http") {
      const taken = rest.subarray(0, this.#httpLeft);
      this.#http += Buffer.from(taken).toString("latin1");
      this.#httpLeft -= taken.length;
      rest = rest.subarray(taken.length);
      if (this.#httpLeft > 0) return undefined;
      if (isBlockPage(this.#http)) return infected("blocked by the scanner");
      this.#part = "body";
    }
    return this.#takeBody(rest);
  }

  end(): Result<MalwareVerdict, ScanFault> {
    return protocol("closed within the answer");
  }

  #takeHead(head: MessageHead): Result<MalwareVerdict, ScanFault> | undefined {
    const status = parseStatus(head);
    if (!status.ok) return status;
    if (status.value === 100) {
      if (this.#hasGoneOn) return protocol("wants the rest of the message twice");
      this.#hasGoneOn = true;
      this.#collector = new HeadCollector();
      this.#goOn();
      return undefined;
    }
    const name = findInfection(head);
    if (name !== undefined) return infected(name);
    if (status.value === 204) return ok({ kind: "clean" });
    if (status.value === 403) return infected("blocked by the scanner");
    if (status.value !== 200) return refused(head);
    const offset = bodyOffset(head.fields.get("encapsulated") ?? "");
    // Without a body there is nothing that could be the message.
    if (offset === "none") return infected("modified by the scanner");
    if (offset === undefined) return protocol("the answer does not say where its body is");
    this.#httpLeft = offset;
    this.#part = "http";
    return undefined;
  }

  #takeBody(bytes: Uint8Array): Result<MalwareVerdict, ScanFault> | undefined {
    const isEnd = this.#body.push(bytes, (body) => {
      this.#returnedBytes += body.length;
      this.#returned.update(body);
    });
    if (!isEnd.ok) return protocol(isEnd.fault);
    if (!isEnd.value && this.#returnedBytes <= this.#sent.bytes) return undefined;
    const isSame =
      this.#returnedBytes === this.#sent.bytes && this.#returned.digest() === this.#sent.digest();
    return isSame ? ok({ kind: "clean" }) : infected("modified by the scanner");
  }
}

const OFFSET_MAX = 65_536;

/** Where the body begins (RFC 3507 §4.4.1); "none": there is none. */
function bodyOffset(encapsulated: string): number | "none" | undefined {
  if (/\bnull-body=/i.test(encapsulated)) return "none";
  const [, digits] = /\b(?:req|res|opt)-body=(\d{1,6})\b/i.exec(encapsulated) ?? [];
  const offset = digits === undefined ? undefined : Number(digits);
  return offset !== undefined && offset <= OFFSET_MAX ? offset : undefined;
}

function isBlockPage(http: string): boolean {
  const [, status] = /^HTTP\/1\.[01] ([1-5]\d\d)/.exec(http) ?? [];
  return status !== undefined && Number(status) >= 400;
}

function parseStatus({ startLine }: MessageHead): Result<number, ScanFault> {
  const [, status] = STATUS.exec(startLine) ?? [];
  return status === undefined ? protocol("no answer of ICAP") : ok(Number(status));
}

function infected(name: string): Result<MalwareVerdict, never> {
  return ok({ kind: "infected", name });
}

function refused({ startLine }: MessageHead): Result<never, ScanFault> {
  return fault({ kind: "refused", text: quoted(startLine) });
}

function protocol(text: string): Result<never, ScanFault> {
  return fault({ kind: "protocol", text });
}
