const NAME_OCTETS_MAX = 253;
const LABEL = /^[a-z0-9_-]{1,63}$/;

/**
 * A name that may be asked for and spoken of: lower case, no trailing dot, labels of letters,
 * digits, hyphens and underscores (RFC 1035 §2.3.1, and what is in use), at most 253 octets. A name
 * from the network that has anything else in it would end in a log line or an SMTP command.
 */
export function parseHostName(text: string): string | undefined {
  const name = (text.endsWith(".") ? text.slice(0, -1) : text).toLowerCase();
  if (name.length > NAME_OCTETS_MAX) return undefined;
  return name.split(".").every((label) => LABEL.test(label)) ? name : undefined;
}

const VISIBLE_LABEL = /^[!-~]{1,63}$/;

/**
 * A name that may stand in a question: as `parseHostName`, but its labels may hold any visible
 * ASCII, as what SPF makes of a local part does (`a+b._spf.example`, RFC 7208 §7.3, RFC 2181 §11).
 * It is to be asked for alone: no host has it.
 */
export function parseQueryName(text: string): string | undefined {
  const name = (text.endsWith(".") ? text.slice(0, -1) : text).toLowerCase();
  if (name.length > NAME_OCTETS_MAX) return undefined;
  return name.split(".").every((label) => VISIBLE_LABEL.test(label)) ? name : undefined;
}

/** Whether `name` is below `domain`; both as `parseHostName` gives them. */
export function isSubdomain(name: string, domain: string): boolean {
  return name.length > domain.length + 1 && name.endsWith(`.${domain}`);
}
