import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { SecretBox } from "../base/secret-box.ts";
import { openResolver } from "../dns/resolver.ts";
import type { DnsServer } from "../dns/transport.ts";
import { openDnsTransport } from "../net/dns-transport.ts";
import type { CachedDirectory } from "../org/directory.ts";
import type { RecordStore } from "../store/record-store.ts";
import type { ReceiveAgent } from "../transport/agents/receive-agent.ts";
import { attachmentFilterAgent } from "../transport/hygiene/attachment-filter-agent.ts";
import { backscatterAgent } from "../transport/hygiene/backscatter-agent.ts";
import { connectionFilterAgent } from "../transport/hygiene/connection-filter-agent.ts";
import { greylistingAgent } from "../transport/hygiene/greylisting-agent.ts";
import { MachineEntries } from "../transport/hygiene/machine-entries.ts";
import { protocolAnalysisAgent } from "../transport/hygiene/protocol-analysis-agent.ts";
import { recipientFilterAgent } from "../transport/hygiene/recipient-filter-agent.ts";
import { ReputationTable } from "../transport/hygiene/reputation-table.ts";
import { senderFilterAgent } from "../transport/hygiene/sender-filter-agent.ts";
import { bounceTags } from "./bounce-tags.ts";
import type { ContentHost } from "./content-host.ts";
import { createScannerAgents } from "./scanner-agents.ts";

/** What the anti-spam agents of one thread are made of. */
export interface HygieneParts {
  readonly index: number;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly nameServers: readonly DnsServer[];
  readonly directory: CachedDirectory;
  readonly records: RecordStore;
  /** As `createReputationMemory` makes it. */
  readonly reputation: SharedArrayBuffer;
  /** Looks into attachments away from this thread. */
  readonly content: ContentHost;
  readonly secrets: SecretBox;
}

/** The agents that keep unwanted mail out by who sends it, by what is attached, and by scanners. */
export function createHygieneAgents(parts: HygieneParts): readonly ReceiveAgent[] {
  const { clock, diagnostics, nameServers: servers, records } = parts;
  const resolver = openResolver({ servers, exchange: openDnsTransport(clock), clock });
  const reputation = new ReputationTable(parts.reputation);
  const entries = new MachineEntries({ clock, diagnostics, records, reputation });
  // What all threads share one of them brings back after a restart.
  if (parts.index === 0) void entries.restore();
  return [
    connectionFilterAgent({ clock, resolver, reputation }),
    senderFilterAgent(parts.directory),
    recipientFilterAgent,
    backscatterAgent(bounceTags(parts)),
    greylistingAgent({ clock, records }),
    attachmentFilterAgent(parts.content.task("attachments")),
    ...createScannerAgents({ ...parts, resolver, findSigns: parts.content.task("spamSigns") }),
    protocolAnalysisAgent({
      clock,
      reputation,
      blocked: (source) => void entries.keep(source),
    }),
  ];
}
