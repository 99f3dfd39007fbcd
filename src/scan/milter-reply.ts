import { fault, ok, type Result } from "../base/result.ts";
import type { Reply } from "../smtp/reply.ts";
import { MILTER_ACTION, type MilterPacket } from "./milter-wire.ts";
import { quoted } from "./scan-fault.ts";

/** What a milter decides about a command. */
export type MilterVerdict =
  /** `accept` ends its interest in the message, or at connect and helo in the connection. */
  | { readonly kind: "continue" | "accept" | "reject" | "tempfail" | "discard" }
  /** No more of the body. */
  | { readonly kind: "skip" }
  /** The connection is to be closed, with 421. */
  | { readonly kind: "close" }
  /** A reply of the milter's own, 4xx or 5xx. */
  | { readonly kind: "reply"; readonly reply: Reply };

/** What a milter wants changed, at the end of a message; texts are hostile. */
export type MilterModification =
  /** `value`: as it is to follow the colon, lines parted by CRLF or LF. */
  | { readonly kind: "addHeader"; readonly name: string; readonly value: string }
  /** Before the field at `index` from the top, the first being 0. */
  | {
      readonly kind: "insertHeader";
      readonly index: number;
      readonly name: string;
      readonly value: string;
    }
  /** The `index`th of that name from the top, the first being 1; "" deletes it. */
  | {
      readonly kind: "changeHeader";
      readonly index: number;
      readonly name: string;
      readonly value: string;
    }
  /** Addresses as the milter wrote them, with angle brackets or without. */
  | {
      readonly kind: "changeFrom" | "addRecipient";
      readonly address: string;
      readonly parameters: string;
    }
  | { readonly kind: "deleteRecipient"; readonly address: string }
  /** One piece of the new body. */
  | { readonly kind: "replaceBody"; readonly bytes: Uint8Array }
  | { readonly kind: "quarantine"; readonly reason: string };

/** One packet of a milter, in answer to a command. */
export type MilterReply =
  | { readonly kind: "verdict"; readonly verdict: MilterVerdict }
  /** `action`: of MILTER_ACTION, what it takes to ask for it. */
  | {
      readonly kind: "modification";
      readonly modification: MilterModification;
      readonly action: number;
    }
  /** It is still at work. */
  | { readonly kind: "progress" };

const VERDICTS: ReadonlyMap<string, MilterVerdict> = new Map([
  ["c", { kind: "continue" }],
  ["a", { kind: "accept" }],
  ["r", { kind: "reject" }],
  ["t", { kind: "tempfail" }],
  ["d", { kind: "discard" }],
  ["s", { kind: "skip" }],
  ["f", { kind: "close" }],
  ["4", { kind: "close" }],
]);

/** Reads one packet; the fault says what is wrong with it. */
export function parseMilterReply({ code, data }: MilterPacket): Result<MilterReply, string> {
  const verdict = VERDICTS.get(code);
  if (verdict !== undefined) return ok({ kind: "verdict", verdict });
  if (code === "p") return ok({ kind: "progress" });
  if (code === "y") return parseReplyCode(data);
  const read = MODIFICATIONS.get(code);
  if (read === undefined) return fault(`an answer that is not known: ${quoted(code)}`);
  const modification = read.parse(Buffer.from(data.buffer, data.byteOffset, data.length));
  return modification === undefined
    ? fault(`a modification that cannot be read: ${quoted(code)}`)
    : ok({ kind: "modification", modification, action: read.action });
}

type Parse = (data: Buffer) => MilterModification | undefined;

const A = MILTER_ACTION;

const MODIFICATIONS = new Map<string, { readonly action: number; readonly parse: Parse }>([
  ["h", { action: A.addHeaders, parse: parseAddHeader }],
  ["i", { action: A.addHeaders, parse: parseIndexed("insertHeader") }],
  ["m", { action: A.changeHeaders, parse: parseIndexed("changeHeader") }],
  ["e", { action: A.changeFrom, parse: parseAddress("changeFrom") }],
  ["+", { action: A.addRecipient, parse: parseAddress("addRecipient") }],
  ["2", { action: A.addRecipientWithParameters, parse: parseAddress("addRecipient") }],
  ["-", { action: A.deleteRecipient, parse: parseDeleteRecipient }],
  ["b", { action: A.changeBody, parse: (bytes) => ({ kind: "replaceBody", bytes }) }],
  ["q", { action: A.quarantine, parse: parseQuarantine }],
]);

/** Texts that end in NUL; `undefined` when the last one does not. */
function textsOf(data: Buffer): readonly string[] | undefined {
  if (data.at(-1) !== 0) return undefined;
  return data.toString("utf8", 0, data.length - 1).split("\0");
}

/** RFC 5322 §2.2 */
const NAME = /^[!-9;-~]{1,200}$/;

function parseAddHeader(data: Buffer): MilterModification | undefined {
  const [name, value, ...more] = textsOf(data) ?? [];
  if (name === undefined || value === undefined || more.length > 0) return undefined;
  return NAME.test(name) ? { kind: "addHeader", name, value } : undefined;
}

function parseIndexed(kind: "insertHeader" | "changeHeader"): Parse {
  return (data) => {
    const texts = data.length < 4 ? undefined : textsOf(data.subarray(4));
    const [name, value, ...more] = texts ?? [];
    if (name === undefined || value === undefined || more.length > 0) return undefined;
    return NAME.test(name) ? { kind, index: data.readUInt32BE(0), name, value } : undefined;
  };
}

function parseAddress(kind: "changeFrom" | "addRecipient"): Parse {
  return (data) => {
    const [address, ...parameters] = textsOf(data) ?? [];
    if (address === undefined || (address === "" && kind === "addRecipient")) return undefined;
    return { kind, address, parameters: parameters.join(" ").trim() };
  };
}

function parseDeleteRecipient(data: Buffer): MilterModification | undefined {
  const [address, ...more] = textsOf(data) ?? [];
  const isFit = address !== undefined && address !== "" && more.length === 0;
  return isFit ? { kind: "deleteRecipient", address } : undefined;
}

function parseQuarantine(data: Buffer): MilterModification | undefined {
  const [reason, ...more] = textsOf(data) ?? [];
  if (reason === undefined || more.length > 0) return undefined;
  return { kind: "quarantine", reason: quoted(reason) };
}

/** As many as libmilter lets a filter give. */
const REPLY_LINES_MAX = 32;
/** Ours have to fit into a line of SMTP with code and status (RFC 5321 §4.5.3.1.5). */
const REPLY_TEXT_MAX = 480;
const REPLY_LINE = /^([45]\d\d)(?:[ -](.*))?$/;
const STATUS = /^([45]\.\d{1,3}\.\d{1,3})(?: +|$)/;

/**
 * A reply of one or more lines, each with its code. Percent signs come doubled: for Sendmail the
 * text is a format (smfi_setreply).
 */
function parseReplyCode(data: Uint8Array): Result<MilterReply, string> {
  const lines = Buffer.from(data).toString("latin1").replace(/\0+$/, "").split(/\r?\n/);
  const read = lines.filter((line) => line !== "").map((line) => REPLY_LINE.exec(line));
  const code = read[0]?.[1];
  if (code === undefined || read.length > REPLY_LINES_MAX) return fault("a reply with no code");
  const texts: string[] = [];
  let status = `${code.slice(0, 1)}.7.1`;
  for (const line of read) {
    if (line?.[1] !== code) return fault("a reply whose lines have different codes");
    const text = (line[2] ?? "").replaceAll("%%", "%");
    const [prefix = "", found] = STATUS.exec(text) ?? [];
    // One of another class would contradict the code (RFC 2034 §4).
    if (found?.startsWith(code.slice(0, 1)) === true) status = found;
    texts.push(
      text
        .slice(prefix.length)
        .replace(/[^\x20-\x7e]+/g, "?")
        .slice(0, REPLY_TEXT_MAX),
    );
  }
  const reply = { code: Number(code), status, lines: texts };
  return ok({ kind: "verdict", verdict: { kind: "reply", reply } });
}
