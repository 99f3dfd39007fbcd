import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { compileWildcard } from "../../cmdlet/wildcard.ts";
import { formatSuggestion } from "../../org/suggestion.ts";
import {
  POISON_QUEUE_ID,
  QUARANTINE_QUEUE_ID,
  SUBMISSION_QUEUE_ID,
  UNREACHABLE_QUEUE_ID,
} from "../../store/queue-store.ts";
import type { ListedQueue } from "../../transport/queue/queue-listing.ts";
import { hostPart } from "./queue-info.ts";

const FIXED_NAMES: ReadonlyMap<string, number> = new Map([
  ["submission", SUBMISSION_QUEUE_ID],
  ["unreachable", UNREACHABLE_QUEUE_ID],
  ["unreachable domain", UNREACHABLE_QUEUE_ID],
  ["poison", POISON_QUEUE_ID],
  ["poison message", POISON_QUEUE_ID],
  ["quarantine", QUARANTINE_QUEUE_ID],
]);

/** What an identity may be compared with. */
export interface KnownQueues {
  readonly serverName: string;
  readonly queues: readonly ListedQueue[];
}

/**
 * The queues that `Server\Queue`, `Queue`, `*` or `Server\*` names (reference §5.6): by number, by
 * the name of a fixed one, or by next hop, where `*` stands for any characters. Fixed queues that
 * hold nothing may be missing from the list.
 * @throws CmdletFault when the server is another one, or there is none of that name
 */
export function findQueues(identity: string, known: KnownQueues): readonly ListedQueue[] {
  const parts = identity.trim().split("\\");
  const name = parts.pop()?.toLowerCase() ?? "";
  if (parts.length > 1) throw badIdentity(identity, "Server\\Queue");
  checkServer(parts[0], known.serverName, "Identity");
  const fixedId = FIXED_NAMES.get(name);
  const number = /^\d{1,15}$/.test(name) ? Number(name) : undefined;
  const matches = compileWildcard(name);
  const found = known.queues.filter(({ id, key }) => {
    if (fixedId !== undefined) return id === fixedId;
    if (number !== undefined) return id === number && id > SUBMISSION_QUEUE_ID;
    return matches(key.nextHopDomain) || name === "*";
  });
  if (found.length > 0 || name === "*" || fixedId !== undefined) return found;
  const domains = known.queues.map(({ key }) => key.nextHopDomain);
  const hint = formatSuggestion(name, [...new Set(domains)]);
  const text = `there is no queue ${JSON.stringify(identity)} now${hint}; Get-Queue lists all`;
  throw new CmdletFault("not-found", text, { parameter: "Identity" });
}

/** A message's number, and the queues that its identity names; `undefined` is any queue. */
export interface MessageIdentity {
  readonly messageId: number;
  readonly queues: readonly ListedQueue[] | undefined;
}

/**
 * Reads `Server\Queue\Message`, `Queue\Message`, `*\Message` or `Message`.
 * @throws CmdletFault
 */
export function parseMessageIdentity(identity: string, known: KnownQueues): MessageIdentity {
  const parts = identity.trim().split("\\");
  const last = parts.pop() ?? "";
  if (!/^\d{1,15}$/.test(last) || parts.length > 2) {
    throw badIdentity(identity, "Server\\Queue\\Message");
  }
  const messageId = Number(last);
  const queue = parts.at(-1);
  checkServer(parts.length === 2 ? parts[0] : undefined, known.serverName, "Identity");
  if (queue === undefined || queue === "*") return { messageId, queues: undefined };
  return { messageId, queues: findQueues(queue, known) };
}

/** Refuses the name of another server. @throws CmdletFault */
export function checkServer(
  name: string | undefined,
  serverName: string,
  parameter: "Identity" | "Server" | "Queue",
): void {
  if (name === undefined || name === "" || name === ".") return;
  const folded = name.toLowerCase();
  const own = serverName.toLowerCase();
  if (folded === own || folded === hostPart(own) || folded === "localhost") return;
  const text = `this server is "${serverName}", not "${name}"; run it there with --server`;
  throw new CmdletFault("not-found", text, { parameter });
}

function badIdentity(identity: string, form: string): CmdletFault {
  const text = `${JSON.stringify(identity)} is no identity; write ${form}, as Get-… shows it`;
  return new CmdletFault("bad-parameter", text, { parameter: "Identity" });
}
