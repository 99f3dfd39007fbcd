import { randomUUID } from "node:crypto";

/** Longer ones are cut: they only serve to recognise a message in a log or a reply. */
export const MESSAGE_ID_LENGTH_MAX = 500;

/** A new Message-ID with its angle brackets, `<32hex@domain>` (RFC 5322 §3.6.4). */
export function newMessageId(domain: string): string {
  return `<${randomUUID().replaceAll("-", "")}@${domain}>`;
}

const USUAL = /^<[!-;=?-~]{1,498}>$/;

/**
 * The id in the value of a Message-ID field, with its angle brackets and free of white space and
 * control characters, whatever the sender wrote; `""` when there is none.
 */
export function parseMessageId(value: string): string {
  const text = value.trim();
  if (USUAL.test(text)) return text;
  const start = text.indexOf("<");
  const end = text.indexOf(">", start);
  const inner = start >= 0 && end > start ? text.slice(start + 1, end) : text;
  const clean = inner
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
    .replace(/[\s<>\0-\x1f\x7f-\x9f]/g, "")
    .slice(0, MESSAGE_ID_LENGTH_MAX - 2)
    .toWellFormed();
  return clean === "" ? "" : `<${clean}>`;
}
