import { domainOf } from "../../mail/address.ts";
import type { Organization } from "../../org/organization.ts";
import { type QueuedMessage, type QueuedRecipient, StoreFailure } from "../../store/queue-store.ts";
import type { Seat } from "../agents/agent-roster.ts";
import type { RoutingAgent } from "../agents/routing-agent.ts";
import type {
  Categorization,
  Categorize,
  Route,
  RoutedRecipient,
} from "../queue/categorization.ts";
import type { Uncategorized } from "../queue/submission.ts";
import { topCandidate } from "./candidate.ts";
import type { CategorizeDependencies, PeekableDirectory } from "./categorize-dependencies.ts";
import { FAULT, failed } from "./fault-table.ts";
import { MessageResolution } from "./message-resolution.ts";
import { resolveAddress } from "./resolve.ts";
import { isUnrestricted, isWithinLimits } from "./restrictions.ts";
import { Router } from "./router.ts";
import { type HearingParts, isOpen, RoutingHearing } from "./routing-hearing.ts";

const NONE: readonly never[] = [];

/** What one categorization is about. */
interface Job {
  readonly dependencies: CategorizeDependencies;
  readonly router: Router;
  readonly input: Uncategorized;
  /** Agents that have anything to do under this organization. */
  readonly seats: readonly Seat<RoutingAgent>[];
}

/**
 * The categorizer (reference §1.4, §3.2, §4.4). Answers at once when no recipient is in a domain of
 * ours, or all are plain mailboxes, and no agent has anything to say; otherwise it asks. Changes
 * nothing: the queue writes what it says.
 */
export function createCategorize(dependencies: CategorizeDependencies): Categorize {
  let router = new Router(dependencies.organization());
  const seatsOf = rememberSeats(dependencies);
  return (input) => {
    const organization = dependencies.organization();
    if (router.organization !== organization) router = new Router(organization);
    const seats = seatsOf(organization);
    const job = { dependencies, router, input, seats };
    const { agents } = dependencies;
    if (agents !== undefined && isHeard(job)) return hear(job, agents);
    return routeUnchanged(job) ?? resolveMessage(job, undefined);
  };
}

/** Agents that have anything to do under this organization. */
function rememberSeats({ agents }: CategorizeDependencies) {
  let all: readonly Seat<RoutingAgent>[] = [];
  let heard = all;
  return (organization: Organization): readonly Seat<RoutingAgent>[] => {
    const now = agents?.roster.seats(organization) ?? all;
    if (now === all) return heard;
    all = now;
    heard = now.filter(({ agent }) => agent.hears(organization));
    return heard;
  };
}

/** What we have written ourselves is judged by nobody, and nothing is judged twice. */
function isHeard({ seats, input: { message, recipients } }: Job): boolean {
  if (seats.length === 0) return false;
  const { source } = message.origin;
  const isOurs = source === "DSN" || source === "AGENT" || source === "ADMIN";
  return !isOurs && recipients.some(isOpen);
}

/** Agents first: those that are asked of the message as it came, then of where it goes. */
function hear(
  job: Job,
  { diagnostics }: Pick<HearingParts, "diagnostics">,
): Categorization | Promise<Categorization> {
  const { dependencies, input, router, seats } = job;
  const { message, content, recipients } = input;
  const { organization } = router;
  const hearing = new RoutingHearing({ seats, diagnostics, organization, message, content });
  const { sender } = message.envelope;
  const tops = recipients.filter(isOpen);
  const candidates = tops.map((recipient) => topCandidate(recipient, sender));
  const members = candidates.map((candidate) => ({
    ...{ candidate, recipient: candidate.top, route: undefined },
  }));
  hearing.takeUp([{ changes: undefined, members }]);
  const asked = hearing.ask("OnSubmittedMessage");
  if (asked !== undefined)
    return safely(
      job,
      asked.then(() => resolveMessage(job, hearing)),
      hearing,
    );
  const plain = tops.length === recipients.length ? routeUnchanged(job) : undefined;
  if (plain === undefined) return resolveMessage(job, hearing);
  const resolution = new MessageResolution(dependencies, router, input, hearing);
  const heard = resolution.hearUnchanged(plain.routed);
  if (heard === undefined) return plain;
  return safely(
    job,
    heard.then(() => (hearing.isTouched ? resolution.categorization() : plain)),
    hearing,
  );
}

/**
 * The hot path: every recipient goes out as it came, or is a plain mailbox that the directory has
 * in memory. `undefined` when it takes more than that.
 */
function routeUnchanged({ dependencies, router, input }: Job): Categorization | undefined {
  const { directory } = dependencies;
  const { message, recipients } = input;
  if (!isWithinLimits(router.organization, directory, message, recipients.length)) return undefined;
  const routed: RoutedRecipient[] = [];
  for (const recipient of recipients) {
    const decision = router.decide(domainOf(recipient.address), message.contentBytes);
    const route = decision.isLocal
      ? plainMailboxRoute(directory, router, { message, recipient })
      : decision.external;
    if (route?.kind !== "queue") return undefined;
    routed.push({ recipient, route });
  }
  if (recipients.length > 1 && hasDuplicates(recipients)) return undefined;
  return { routed, ended: NONE, deferred: NONE, forks: NONE, events: NONE, changed: false };
}

function plainMailboxRoute(
  directory: PeekableDirectory,
  router: Router,
  to: { readonly message: QueuedMessage; readonly recipient: QueuedRecipient },
): Route | undefined {
  const { address } = to.recipient;
  const found = directory.peekRecipient?.(address);
  if (found?.kind !== "mailbox" || found.forwardingAddress !== undefined) return undefined;
  if (found.moderationEnabled || !isUnrestricted(found, to.message)) return undefined;
  const resolution = resolveAddress(address, found, { router, messageBytes: 0 });
  const isPlain = resolution.kind === "mailbox" && resolution.address === address;
  return isPlain ? resolution.route : undefined;
}

function hasDuplicates(recipients: readonly QueuedRecipient[]): boolean {
  const keys = new Set<string>();
  for (const { address } of recipients) keys.add(address.toLowerCase());
  return keys.size < recipients.length;
}

function resolveMessage(job: Job, hearing: RoutingHearing | undefined): Promise<Categorization> {
  const { dependencies, router, input } = job;
  return safely(job, new MessageResolution(dependencies, router, input, hearing).run(), hearing);
}

/** A directory or store that fails puts off what needs it. */
async function safely(
  job: Job,
  answer: Promise<Categorization>,
  hearing: RoutingHearing | undefined,
): Promise<Categorization> {
  try {
    return await answer;
  } catch (error) {
    hearing?.discardStaged(job.dependencies.agents?.discardContent);
    if (!(error instanceof StoreFailure)) throw error;
    return putOff(job);
  }
}

/** The directory or the store failed: those that need neither go on, the others wait. */
function putOff(job: Job): Categorization {
  const { dependencies, router, input } = job;
  const { message, recipients } = input;
  const { organization } = router;
  const isJudged = isHeard(job);
  const isClear = isWithinLimits(organization, dependencies.directory, message, recipients.length);
  const routed: RoutedRecipient[] = [];
  const ended: Categorization["ended"][number][] = [];
  const deferred: Categorization["deferred"][number][] = [];
  for (const recipient of recipients) {
    const decision = router.decide(domainOf(recipient.address), message.contentBytes);
    const { external } = decision;
    const isFree = !isOpen(recipient) || (isClear && !isJudged);
    if (decision.isLocal || !isFree) deferred.push({ recipient, fault: FAULT.directory });
    else if (external === undefined) ended.push({ recipient, outcome: failed(FAULT.tooLarge) });
    else routed.push({ recipient, route: external });
  }
  return { routed, ended, deferred, forks: NONE, events: NONE, changed: true };
}
