import { parseIpAddress } from "./ip-address.ts";
import type { DnsServer } from "./transport.ts";

const DNS_PORT = 53;
/** As the C library: more are not read (resolv.conf(5), MAXNS). */
const SERVERS_MAX = 3;

/**
 * The servers of a `resolv.conf`, in order. Lines that it does not know are passed over; without a
 * server the one on this machine is meant (resolv.conf(5)).
 */
export function parseResolvConf(text: string): readonly DnsServer[] {
  const servers: DnsServer[] = [];
  for (const line of text.split("\n")) {
    const [keyword, address] = line.trim().split(/\s+/);
    if (keyword !== "nameserver" || address === undefined) continue;
    // A zone (`fe80::1%eth0`) is for the socket; the address before it is checked.
    if (parseIpAddress(address.split("%")[0] ?? "") === undefined) continue;
    servers.push({ address, port: DNS_PORT });
    if (servers.length === SERVERS_MAX) break;
  }
  return servers.length > 0 ? servers : [{ address: "127.0.0.1", port: DNS_PORT }];
}

/**
 * Reads the `dnsServers` setting: `address`, `address:port`, `[address]:port`.
 * @returns `undefined` when it is none of these
 */
export function parseDnsServer(text: string): DnsServer | undefined {
  if (parseIpAddress(text) !== undefined) return { address: text, port: DNS_PORT };
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? DNS_PORT : Number(match[3]);
  if (address === undefined || parseIpAddress(address) === undefined) return undefined;
  if (port < 1 || port > 65_535) return undefined;
  return { address, port };
}
