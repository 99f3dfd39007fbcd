import type { Sentence } from "./sentence.ts";

/** A host that a story tells of, and when it had to do with the message. */
export interface StoryHost {
  /** As it is told: `mx.fabrikam.com [192.0.2.7]`. */
  readonly name: string;
  readonly address: string;
  /** ISO 8601: from some minutes before the first time to some minutes behind the last. */
  readonly from: string;
  readonly to: string;
}

/** Sessions begin before a message comes in them, and end behind it. */
const AROUND_MS = 5 * 60_000;
const HOSTS_MAX = 10;

/** The hosts of a story, in the order in which they come, each once. */
export function hostsOf(story: readonly Pick<Sentence, "Host" | "Date">[]): readonly StoryHost[] {
  const hosts = new Map<string, { name: string; fromMs: number; toMs: number }>();
  for (const { Host, Date: date } of story) {
    const address = /\[([\da-f.:]{2,45})\]$/i.exec(Host ?? "")?.[1];
    const atMs = Date.parse(date ?? "");
    if (address === undefined || Number.isNaN(atMs)) continue;
    const known = hosts.get(address);
    if (known === undefined && hosts.size >= HOSTS_MAX) continue;
    hosts.set(address, {
      name: known?.name ?? Host ?? "",
      fromMs: Math.min(known?.fromMs ?? atMs, atMs),
      toMs: Math.max(known?.toMs ?? atMs, atMs),
    });
  }
  return [...hosts].map(([address, { name, fromMs, toMs }]) => ({
    name,
    address,
    from: new Date(fromMs - AROUND_MS).toISOString(),
    to: new Date(toMs + AROUND_MS).toISOString(),
  }));
}
