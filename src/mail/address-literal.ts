/** Eight 16-bit groups; IPv4 is mapped into IPv6 (RFC 4291 §2.5.5.2). */
type Groups = readonly number[];

const GROUPS_MAX = 8;
const IPV4_PATTERN = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const GROUP_PATTERN = /^[0-9A-Fa-f]{1,4}$/;

/** An IP address as a value: 128-bit number, IPv4 mapped into IPv6, and its family as written. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly groups: Groups;
}

/** Four decimal octets; leading zeros are decimal too, as the grammar of Snum has them. */
function parseIpv4Octets(text: string): readonly [number, number] | undefined {
  const match = IPV4_PATTERN.exec(text);
  if (match === null) return undefined;
  const [a, b, c, d] = [Number(match[1]), Number(match[2]), Number(match[3]), Number(match[4])];
  if (a > 255 || b > 255 || c > 255 || d > 255) return undefined;
  return [a * 256 + b, c * 256 + d];
}

/** One side of `::`, or the whole address; the last part may be dotted IPv4. */
function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (GROUP_PATTERN.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      const pair = index === parts.length - 1 ? parseIpv4Octets(part) : undefined;
      if (pair === undefined) return undefined;
      groups.push(...pair);
    }
  }
  return groups;
}

function parseIpv6Groups(text: string): Groups | undefined {
  if (text.length > 45) return undefined;
  const gap = text.indexOf("::");
  if (gap < 0) {
    const groups = parseGroups(text);
    return groups?.length === GROUPS_MAX ? groups : undefined;
  }
  const left = text.slice(0, gap);
  if (left.includes(".")) return undefined;
  const head = parseGroups(left);
  const tail = parseGroups(text.slice(gap + 2));
  if (head === undefined || tail === undefined) return undefined;
  const missing = GROUPS_MAX - head.length - tail.length;
  // RFC 5321 §4.1.3: `::` stands for at least two groups.
  if (missing < 2) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** Reads an IPv4 or IPv6 address without brackets, tag or zone (RFC 5321 §4.1.3, RFC 4291 §2.2). */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (text.includes(":")) {
    const groups = parseIpv6Groups(text);
    return groups === undefined ? undefined : { family: 6, groups };
  }
  const pair = parseIpv4Octets(text);
  if (pair === undefined) return undefined;
  return { family: 4, groups: [0, 0, 0, 0, 0, 0xffff, pair[0], pair[1]] };
}

/** The address as a 128-bit number, IPv4 mapped into IPv6: the form of `AddressRange`. */
export function ipAddressNumber(address: IpAddress): bigint {
  let number = 0n;
  for (const group of address.groups) number = (number << 16n) | BigInt(group);
  return number;
}

/** Where the longest run of at least two zero groups starts and ends (RFC 5952 §4.2). */
function longestZeroRun(groups: Groups): { readonly start: number; readonly end: number } {
  let best = { start: GROUPS_MAX, end: GROUPS_MAX };
  let bestLength = 1;
  for (let start = 0; start < groups.length; start += 1) {
    let end = start;
    while (end < groups.length && groups[end] === 0) end += 1;
    if (end - start > bestLength) {
      best = { start, end };
      bestLength = end - start;
    }
    start = Math.max(start, end);
  }
  return best;
}

/** Dotted IPv4, or IPv6 as RFC 5952 §4 writes it. */
export function formatIpAddress(address: IpAddress): string {
  const { family, groups } = address;
  if (family === 4) {
    const [high = 0, low = 0] = groups.slice(6);
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  }
  const { start, end } = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (start === GROUPS_MAX) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(end).join(":")}`;
}

/**
 * Reads an address literal with its brackets and returns it in one form: `[192.0.2.1]` or
 * `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3). General literals are not supported: none is registered.
 */
export function normalizeAddressLiteral(text: string): string | undefined {
  if (text.length > 54 || !text.startsWith("[") || !text.endsWith("]")) return undefined;
  const inner = text.slice(1, -1);
  if (/^ipv6:/i.test(inner)) {
    const address = parseIpAddress(inner.slice(5));
    return address?.family === 6 ? `[IPv6:${formatIpAddress(address)}]` : undefined;
  }
  const address = parseIpAddress(inner);
  return address?.family === 4 ? `[${formatIpAddress(address)}]` : undefined;
}
