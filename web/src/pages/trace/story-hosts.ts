import type { Sentence } from "./sentence.ts";

/** A host that a story tells of, and when it had to do with the message. */
export interface StoryHost {
  /** As it is told: `mx.fabrikam.com [192.0.2.7]`. */
  readonly name: string;
  readonly address: string;
  /** Sessions with it; none where the log does not name them. */
  readonly sessions: readonly string[];
  /** ISO 8601: from some minutes before the first time to some minutes behind the last. */
  readonly from: string;
  readonly to: string;
}

/** Sessions begin before a message comes in them, and end behind it. */
const AROUND_MS = 5 * 60_000;
const HOSTS_MAX = 10;

/** Sessions of a host that are shown. */
const SESSIONS_MAX = 20;

/** The hosts of a story, in the order in which they come, each once. */
export function hostsOf(
  story: readonly Pick<Sentence, "Host" | "SessionId" | "Date">[],
): readonly StoryHost[] {
  const hosts = new Map<
    string,
    { name: string; sessions: Set<string>; fromMs: number; toMs: number }
  >();
  for (const { Host, SessionId, Date: date } of story) {
    const address = /\[([\da-f.:]{2,45})\]$/i.exec(Host ?? "")?.[1];
    const atMs = Date.parse(date ?? "");
    if (address === undefined || Number.isNaN(atMs)) continue;
    const known = hosts.get(address);
    if (known === undefined && hosts.size >= HOSTS_MAX) continue;
    const sessions = known?.sessions ?? new Set();
    if (SessionId !== null && sessions.size < SESSIONS_MAX) sessions.add(SessionId);
    hosts.set(address, {
      sessions,
      name: known?.name ?? Host ?? "",
      fromMs: Math.min(known?.fromMs ?? atMs, atMs),
      toMs: Math.max(known?.toMs ?? atMs, atMs),
    });
  }
  return [...hosts].map(([address, { name, sessions, fromMs, toMs }]) => ({
    name,
    address,
    sessions: [...sessions],
    from: new Date(fromMs - AROUND_MS).toISOString(),
    to: new Date(toMs + AROUND_MS).toISOString(),
  }));
}

/** When a session began, ISO 8601, as its id has it: 11 of its digits are the milliseconds. */
export function sessionStart(id: string): string {
  return new Date(Number.parseInt(id.slice(0, 11), 16)).toISOString();
}
