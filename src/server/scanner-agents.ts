import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Resolver } from "../dns/resolver.ts";
import type { Directory } from "../org/directory.ts";
import { ScanGate } from "../scan/scan-gate.ts";
import type { ReceiveAgent } from "../transport/agents/receive-agent.ts";
import { contentFilterAgent } from "../transport/hygiene/content-filter-agent.ts";
import { malwareAgent } from "../transport/hygiene/malware-agent.ts";
import { milterAgent } from "../transport/hygiene/milter-agent.ts";
import type { RatingTools } from "../transport/hygiene/spam-rating.ts";

/** What the agents that ask scanners are made of. */
export interface ScannerParts {
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly resolver: Resolver;
  readonly directory: Directory;
  readonly findSigns: RatingTools["findSigns"];
}

/** The agents of one thread that ask others about content: spam, malware, milters. */
export function createScannerAgents(parts: ScannerParts): readonly ReceiveAgent[] {
  const { clock, diagnostics, resolver, directory, findSigns } = parts;
  const tools = {
    ...{ clock, diagnostics, gate: new ScanGate() },
    lookup: (host: string) => findAddresses(resolver, host),
  };
  return [
    contentFilterAgent(directory, { ...tools, resolver, findSigns }),
    malwareAgent(tools),
    milterAgent(tools),
  ];
}

/** IPv4 first: scanners listen nearby. */
async function findAddresses(resolver: Resolver, host: string): Promise<readonly string[]> {
  const answers = await Promise.all([resolver.lookup(host, "A"), resolver.lookup(host, "AAAA")]);
  return answers.flatMap((answer) =>
    answer.kind === "records"
      ? answer.records.flatMap((record) =>
          record.type === "A" || record.type === "AAAA" ? [record.address] : [],
        )
      : [],
  );
}
