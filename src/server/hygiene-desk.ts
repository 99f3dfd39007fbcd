import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { HygieneDesk } from "../cmdlets/hygiene/services.ts";
import { openResolver } from "../dns/resolver.ts";
import type { DnsServer } from "../dns/transport.ts";
import { openDnsTransport } from "../net/dns-transport.ts";
import { askProvider } from "../transport/hygiene/dns-list.ts";
import { MachineEntries } from "../transport/hygiene/machine-entries.ts";
import { ReputationTable } from "../transport/hygiene/reputation-table.ts";
import type { StoreHost } from "./store-host.ts";
import type { Supervisor } from "./supervisor.ts";

/** What the cmdlets of room `cmdlets/hygiene` look at. */
export interface HygieneDeskParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly store: Pick<StoreHost, "organization">;
  readonly supervisor: Pick<Supervisor, "reputation">;
  readonly nameServers: readonly DnsServer[];
}

/** The table that all threads share, and lists in DNS. */
export function createHygieneDesk(parts: HygieneDeskParts): HygieneDesk {
  const { clock, diagnostics, nameServers } = parts;
  const { records } = parts.store.organization;
  const reputation = new ReputationTable(parts.supervisor.reputation);
  const entries = new MachineEntries({ clock, diagnostics, records, reputation });
  return {
    machineEntries: () => entries.list(),
    removeMachineEntry: (address) => entries.remove(address),
    askProvider(provider, address) {
      // A cache of its own for each question: who tests wants to know what is so now.
      const exchange = openDnsTransport(clock);
      return askProvider(
        openResolver({ servers: nameServers, exchange, clock }),
        provider,
        address,
      );
    },
    source: (address) => reputation.read(address, clock.nowMs()),
    sources: () => reputation.all(clock.nowMs()),
  };
}
