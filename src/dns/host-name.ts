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

/** Whether `name` is below `domain`; both as `parseHostName` gives them. */
export function isSubdomain(name: string, domain: string): boolean {
  return name.length > domain.length + 1 && name.endsWith(`.${domain}`);
}
