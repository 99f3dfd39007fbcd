import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Address, addressKey } from "../../mail/address.ts";

/** Longest name of a directory entry on the file systems of Linux (NAME_MAX). */
const NAME_BYTES_MAX = 255;
/** Bytes that stand for themselves: what most addresses are made of, and no shell takes amiss. */
const PLAIN = /[a-z0-9@._+=-]/;
const HEX_PAIR = /^[0-9A-F]{2}$/;
/** Never the start of an escape, so that a shortened name is told from a whole one. */
const SHORTENED = "%~";
/** A whole name's start is kept, for the administrator who looks for it. */
const SHORTENED_PREFIX_CHARS = 150;

/**
 * The directory of a mailbox, as one path component: its primary address in lower case (Exchange
 * compares addresses without case), everything but letters, digits and `@._+=-` as `%XX` of its
 * UTF-8 bytes. No address yields `.`, `..`, a hidden name, a slash or a NUL. An address whose name
 * would be longer than 255 bytes is shortened and ends in a SHA-256 hash; only such a name can't be
 * read back.
 */
export function formatMailboxDirectory(address: Address): string {
  let name = "";
  for (const byte of Buffer.from(addressKey(address))) {
    const character = String.fromCharCode(byte);
    // A leading dot would hide the directory, or be `.` or `..`.
    const isPlain = PLAIN.test(character) && !(character === "." && name === "");
    name += isPlain ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  if (name.length <= NAME_BYTES_MAX) return name;
  const hash = createHash("sha256").update(addressKey(address)).digest("hex");
  return `${name.slice(0, SHORTENED_PREFIX_CHARS)}${SHORTENED}${hash}`;
}

/** The address (in lower case) behind a name; `undefined` if it is shortened or not ours. */
export function parseMailboxDirectory(name: string): string | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < name.length; ) {
    if (name[at] !== "%") {
      bytes.push(name.charCodeAt(at));
      at += 1;
      continue;
    }
    const digits = name.slice(at + 1, at + 3);
    if (!HEX_PAIR.test(digits)) return undefined;
    bytes.push(Number.parseInt(digits, 16));
    at += 3;
  }
  const address = Buffer.from(bytes).toString("utf8");
  // Another spelling of the same address is not a name that we made.
  return formatMailboxDirectory(address as Address) === name ? address : undefined;
}

/** The Maildir of a mailbox below the data directory. */
export function maildirPath(dataDirectory: string, mailbox: Address): string {
  return join(dataDirectory, "mailboxes", formatMailboxDirectory(mailbox), "Maildir");
}
