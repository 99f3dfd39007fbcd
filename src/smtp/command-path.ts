import { type Address, parseAddress, parseDomain } from "../mail/address.ts";

/** A path taken off the front of a command's arguments, and what stands behind it. */
export interface PathText {
  /** Between the angle brackets, source route removed: `""`, `Postmaster` or a mailbox to be. */
  readonly mailbox: string;
  /** Parameters, without the space before them. */
  readonly rest: string;
}

/**
 * Takes `<path>` off the front of `text`. A source route is read and ignored (RFC 5321 §3.6.1,
 * §4.1.1.3, Appendix F.2). Spaces before the path are tolerated: devices write `MAIL FROM: <a@b>`.
 * `undefined` when there is no well-formed path, or something other than a space behind it.
 */
export function parsePath(text: string): PathText | undefined {
  let start = 0;
  while (text[start] === " ") start += 1;
  if (text[start] !== "<") return undefined;
  const end = endOfPath(text, start + 1);
  if (end < 0) return undefined;
  const rest = text.slice(end + 1);
  if (rest !== "" && !rest.startsWith(" ")) return undefined;
  const mailbox = withoutRoute(text.slice(start + 1, end));
  return mailbox === undefined ? undefined : { mailbox, rest: rest.trim() };
}

/** Where the `>` outside quotes is: a quoted local part may contain one (RFC 5321 §4.1.2). */
function endOfPath(text: string, start: number): number {
  let quoted = false;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') quoted = !quoted;
    else if (quoted && character === "\\") index += 1;
    else if (!quoted && character === ">") return index;
  }
  return -1;
}

function withoutRoute(path: string): string | undefined {
  if (!path.startsWith("@")) return path;
  const colon = path.indexOf(":");
  // An address literal in a route may have colons of its own; nobody sends one.
  if (colon < 0) return undefined;
  const hops = path.slice(0, colon).split(",");
  const valid = hops.every((hop) => hop.startsWith("@") && parseDomain(hop.slice(1)) !== undefined);
  const mailbox = path.slice(colon + 1);
  return valid && mailbox !== "" ? mailbox : undefined;
}

/** What a mailbox text is, when read with or without SMTPUTF8. */
export type MailboxReading =
  | { readonly kind: "address"; readonly address: Address }
  /** It would be an address if SMTPUTF8 had been asked for (RFC 6531 §3.5). */
  | { readonly kind: "needs-utf8" }
  | { readonly kind: "invalid" };

/** Reads the mailbox of a path. */
export function readMailbox(
  text: string,
  options: { readonly smtpUtf8: boolean; readonly longAddresses: boolean },
): MailboxReading {
  const address = parseAddress(text, options);
  if (address !== undefined) return { kind: "address", address };
  if (options.smtpUtf8 || parseAddress(text, { ...options, smtpUtf8: true }) === undefined) {
    return { kind: "invalid" };
  }
  return { kind: "needs-utf8" };
}
