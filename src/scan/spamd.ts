import { fault, ok, type Result } from "../base/result.ts";
import { HeadCollector, type MessageHead } from "./message-head.ts";
import { quoted, type ScanFault } from "./scan-fault.ts";
import type { ScanContent, ScanPeer } from "./scan-peer.ts";
import { type AnswerReader, talkTo } from "./scan-talk.ts";

/** SpamAssassin's rating. */
export interface SpamdRating {
  readonly isSpam: boolean;
  readonly score: number;
  /** From this score on it is spam. */
  readonly threshold: number;
  /** Names of the tests that matched, at most 500. */
  readonly symbols: readonly string[];
}

const BODY_BYTES_MAX = 65_536;
const SYMBOLS_MAX = 500;

/**
 * Has spamd rate a message (the SpamAssassin network protocol 1.5, SYMBOLS), with the preferences
 * of `user` if given. Rejects only when the content cannot be read.
 */
export function scanBySpamd(
  peer: ScanPeer,
  message: { readonly content: ScanContent; readonly user?: string | undefined },
): Promise<Result<SpamdRating, ScanFault>> {
  const { content, user } = message;
  return talkTo(peer, {
    reader: new SpamdReader(),
    say: async (out) => {
      if (!(await out.write(formatSpamdRequest(content.bytes, user)))) return;
      for await (const piece of content.read()) if (!(await out.write(piece))) return;
    },
  });
}

/** The head of a request; a user name that could be mistaken for more is left out. */
export function formatSpamdRequest(bytes: number, user: string | undefined): string {
  const named = user !== undefined && /^[\x21-\x7e]{1,128}$/.test(user) ? `User: ${user}\r\n` : "";
  return `SYMBOLS SPAMC/1.5\r\nContent-length: ${bytes}\r\n${named}\r\n`;
}

class SpamdReader implements AnswerReader<SpamdRating> {
  readonly #collector = new HeadCollector();
  #head: MessageHead | undefined;
  #body = "";
  /** What the head says; without it the answer ends when spamd closes. */
  #bodyBytes = Number.POSITIVE_INFINITY;

  push(bytes: Uint8Array): Result<SpamdRating, ScanFault> | undefined {
    let rest = bytes;
    if (this.#head === undefined) {
      const collected = this.#collector.push(bytes);
      if (collected === undefined) return undefined;
      if (!collected.ok) return fault({ kind: "protocol", text: collected.fault });
      this.#head = collected.value.head;
      rest = collected.value.rest;
      const length = this.#head.fields.get("content-length") ?? "";
      if (/^\d{1,9}$/.test(length)) this.#bodyBytes = Number(length);
    }
    const room = BODY_BYTES_MAX - this.#body.length;
    this.#body += Buffer.from(rest.subarray(0, room)).toString("latin1");
    if (rest.length > room) {
      return fault({ kind: "protocol", text: "the answer is too long" });
    }
    return this.#body.length >= this.#bodyBytes ? this.#read(this.#head) : undefined;
  }

  end(): Result<SpamdRating, ScanFault> {
    if (this.#head !== undefined && this.#bodyBytes === Number.POSITIVE_INFINITY) {
      return this.#read(this.#head);
    }
    // spamd closes after the first line when it could not scan.
    const head = this.#head === undefined ? this.#collector.end() : ok(this.#head);
    const read = head.ok ? parseSpamdAnswer(head.value, "") : undefined;
    if (read !== undefined && !read.ok) return read;
    return fault({ kind: "protocol", text: "closed within the answer" });
  }

  #read(head: MessageHead): Result<SpamdRating, ScanFault> {
    return parseSpamdAnswer(head, this.#body.slice(0, this.#bodyBytes));
  }
}

const START = /^SPAMD\/\d{1,3}\.\d{1,3} (\d{1,3})(?: (.*))?$/;
const NUMBER = "(-?\\d{1,9}(?:\\.\\d{1,9})?)";
const SPAM = new RegExp(`^(True|Yes|False|No) ; ${NUMBER} / ${NUMBER}$`, "i");

/** Reads an answer to SYMBOLS: a code of sysexits.h, the field `Spam`, and names with commas. */
export function parseSpamdAnswer(
  { startLine, fields }: MessageHead,
  body: string,
): Result<SpamdRating, ScanFault> {
  const [, code, text = ""] = START.exec(startLine) ?? [];
  if (code === undefined) {
    return fault({ kind: "protocol", text: `no answer of spamd: ${quoted(startLine)}` });
  }
  if (code !== "0") return fault({ kind: "refused", text: quoted(`${code} ${text}`) });
  const [, verdict = "", score, threshold] = SPAM.exec(fields.get("spam") ?? "") ?? [];
  if (score === undefined || threshold === undefined) {
    return fault({ kind: "protocol", text: "the answer has no score" });
  }
  return ok({
    isSpam: /^(?:true|yes)$/i.test(verdict),
    score: Number(score),
    threshold: Number(threshold),
    symbols: (body.match(/[\w.-]{1,100}/g) ?? []).slice(0, SYMBOLS_MAX),
  });
}
