import ipaddr from "ipaddr.js";

/** Dotted quads only: the library also takes "1" and "0x7f.1", as old C libraries did. */
const IPV4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** An IPv4 or IPv6 address in its one usual spelling (RFC 5952), without brackets or zone. */
export function parseIpAddress(text: string): string | undefined {
  if (!text.includes(":") && !IPV4.test(text)) return undefined;
  if (text.includes("%") || !ipaddr.isValid(text)) return undefined;
  return ipaddr.parse(text).toString();
}
