import type { Clock } from "../base/clock.ts";
import { openResolver } from "../dns/resolver.ts";
import type { DnsServer } from "../dns/transport.ts";
import { openDnsTransport } from "../net/dns-transport.ts";
import type { TextLookup } from "../transport/queue/report-submission.ts";

/** TXT records by a resolver of its own: who wants reports is not asked for at every message. */
export function createTextLookup({
  nameServers,
  clock,
}: {
  readonly nameServers: readonly DnsServer[];
  readonly clock: Clock;
}): TextLookup {
  const exchange = openDnsTransport(clock);
  const resolver = openResolver({ servers: nameServers, exchange, clock });
  return async (name) => {
    const answer = await resolver.lookup(name, "TXT");
    if (answer.kind === "failed") return { kind: "failed" };
    const records = answer.kind === "records" ? answer.records : [];
    const texts = records.flatMap((record) => (record.type === "TXT" ? [record.text] : []));
    return { kind: "texts", texts };
  };
}
