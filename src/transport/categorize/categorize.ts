import { type Address, domainOf } from "../../mail/address.ts";
import type { SenderRewriting } from "../../mail/srs.ts";
import type { Directory } from "../../org/directory.ts";
import type { Organization, OrganizationRecipient } from "../../org/organization.ts";
import { type QueuedMessage, type QueuedRecipient, StoreFailure } from "../../store/queue-store.ts";
import type {
  Categorization,
  Categorize,
  Route,
  RoutedRecipient,
} from "../queue/categorization.ts";
import type { Uncategorized } from "../queue/submission.ts";
import { bifurcate, forkMessage, RecipientNumbering, type Share } from "./bifurcate.ts";
import { topCandidate } from "./candidate.ts";
import { type Ended, Expander, type Expansion, type ExpansionLimits } from "./expand.ts";
import { FAULT, failed, faultOf } from "./fault-table.ts";
import { onwardSender } from "./onward-sender.ts";
import { ResolutionStory } from "./resolution-story.ts";
import { resolveAddress } from "./resolve.ts";
import { isUnrestricted, isWithinLimits, openRestrictions } from "./restrictions.ts";
import { Router } from "./router.ts";

/** What the categorizer works with. */
export interface CategorizeDependencies {
  /** The snapshot in force; a new one is a new object. */
  readonly organization: () => Organization;
  readonly directory: PeekableDirectory;
  /** Ids for copies. May reject with StoreFailure. */
  readonly nextMessageId: () => number | Promise<number>;
  /** Bounds of group expansion; the defaults are far above what people make by hand. */
  readonly limits?: ExpansionLimits;
  /** What senders become on the way to other domains; absent: they stay. */
  readonly rewriting?: SenderRewriting;
}

/** A directory that may also answer from memory, as the cached one does. */
interface PeekableDirectory extends Directory {
  /** `null`: there is no such recipient. `undefined`: it has to be asked. */
  peekRecipient?(address: Address): OrganizationRecipient | null | undefined;
}

/** One message's copies are one transaction, held in memory: so there is an end to its size. */
const DEFAULT_LIMITS: ExpansionLimits = {
  memberCountMax: 250_000,
  groupDepthMax: 100,
  forwardCountMax: 20,
};

const NONE: readonly never[] = [];

/**
 * The categorizer (reference §1.4, §3.2, §4.4). Answers at once when no recipient is in a domain of
 * ours; otherwise it asks the directory. Changes nothing: the queue writes what it says.
 */
export function createCategorize(dependencies: CategorizeDependencies): Categorize {
  let router = new Router(dependencies.organization());
  return (input) => {
    const organization = dependencies.organization();
    if (router.organization !== organization) router = new Router(organization);
    const { directory } = dependencies;
    return routeUnchanged(directory, router, input) ?? resolveMessage(dependencies, router, input);
  };
}

/**
 * The hot path: every recipient goes out as it came, or is a plain mailbox that the directory has
 * in memory. `undefined` when it takes more than that.
 */
function routeUnchanged(
  directory: PeekableDirectory,
  router: Router,
  { message, recipients }: Uncategorized,
): Categorization | undefined {
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
  if (!isUnrestricted(found, to.message)) return undefined;
  const resolution = resolveAddress(address, found, { router, messageBytes: 0 });
  const isPlain = resolution.kind === "mailbox" && resolution.address === address;
  return isPlain ? resolution.route : undefined;
}

function hasDuplicates(recipients: readonly QueuedRecipient[]): boolean {
  const keys = new Set<string>();
  for (const { address } of recipients) keys.add(address.toLowerCase());
  return keys.size < recipients.length;
}

async function resolveMessage(
  dependencies: CategorizeDependencies,
  router: Router,
  input: Uncategorized,
): Promise<Categorization> {
  try {
    return await expandMessage(dependencies, router, input);
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error;
    return putOff(dependencies.directory, router, input);
  }
}

async function expandMessage(
  dependencies: CategorizeDependencies,
  router: Router,
  input: Uncategorized,
): Promise<Categorization> {
  const { expansion, excessive, story } = await expandWithinLimits(dependencies, router, input);
  const numbering = new RecipientNumbering();
  const ended = [...excessive, ...expansion.ended].map(({ candidate, outcome }) => ({
    recipient: numbering.recipientOf(candidate),
    outcome,
  }));
  const numbered = expansion.resolved.map(({ candidate, route }) => ({
    sender: onwardSender(candidate, router.organization, dependencies.rewriting),
    routed: { recipient: numbering.recipientOf(candidate), route },
  }));
  const stored = new Set(input.recipients);
  const isAsStored =
    story.events.length + ended.length === 0 &&
    numbered.length === stored.size &&
    numbered.every(({ routed }) => stored.has(routed.recipient) && routed.route.kind === "queue");
  if (isAsStored) {
    const routed = numbered.map((one) => one.routed);
    return { routed, ended, deferred: NONE, forks: NONE, events: NONE, changed: false };
  }
  const [own, ...others] = bifurcate(numbered, {
    sender: input.message.envelope.sender,
    recipientCountMax: router.organization.transportService.expansionSizeLimit,
  });
  const forks = await makeForks(dependencies, input, others, story);
  const routed = own.routed.map(asResolved);
  return { routed, ended, deferred: NONE, forks, events: story.events, changed: true };
}

/** Starts again without a recipient whose groups are too much, so that the others still go. */
async function expandWithinLimits(
  { directory, limits = DEFAULT_LIMITS }: CategorizeDependencies,
  router: Router,
  { message, recipients: all }: Uncategorized,
): Promise<{
  readonly expansion: Expansion;
  readonly excessive: readonly Ended[];
  readonly story: ResolutionStory;
}> {
  const excessive: Ended[] = [];
  const { organization } = router;
  const restrictions = await openRestrictions({ directory, organization, message });
  const refusal = restrictions.refusesAll(all);
  // Those that an earlier pass has let through are on their way.
  let recipients = refusal === undefined ? all : all.filter(({ resolved }) => resolved);
  if (refusal !== undefined) {
    for (const recipient of all) {
      if (recipient.resolved) continue;
      const candidate = topCandidate(recipient, message.envelope.sender);
      excessive.push({ candidate, outcome: failed(faultOf(refusal)) });
    }
  }
  for (;;) {
    const story = new ResolutionStory(message);
    const expander = new Expander({
      directory,
      router,
      limits,
      message,
      story,
      restrictions,
    });
    const expansion = await expander.expand(recipients);
    const tooMuch = expansion.excessive;
    if (tooMuch === undefined) return { expansion, excessive, story };
    const candidate = topCandidate(tooMuch, message.envelope.sender);
    excessive.push({ candidate, outcome: failed(FAULT.groupTooLarge) });
    recipients = recipients.filter((recipient) => recipient !== tooMuch);
  }
}

async function makeForks(
  dependencies: CategorizeDependencies,
  { message }: Uncategorized,
  shares: readonly Share[],
  story: ResolutionStory,
): Promise<Categorization["forks"]> {
  const forks: Categorization["forks"][number][] = [];
  for (const share of shares) {
    const fork = forkMessage(message, share, await dependencies.nextMessageId());
    const routed = share.routed.map(asResolved);
    story.transferred(
      fork,
      routed.map(({ recipient }) => recipient),
    );
    forks.push({ message: fork, routed });
  }
  return forks;
}

/** What is written is final: a group or a forwarding is not followed a second time. */
function asResolved(routed: RoutedRecipient): RoutedRecipient {
  const { recipient, route } = routed;
  return recipient.resolved ? routed : { recipient: { ...recipient, resolved: true }, route };
}

/** The directory or the store failed: those that need neither go on, the others wait. */
function putOff(
  directory: PeekableDirectory,
  router: Router,
  { message, recipients }: Uncategorized,
): Categorization {
  const { organization } = router;
  const isClear = isWithinLimits(organization, directory, message, recipients.length);
  const routed: RoutedRecipient[] = [];
  const ended: Categorization["ended"][number][] = [];
  const deferred: Categorization["deferred"][number][] = [];
  for (const recipient of recipients) {
    const decision = router.decide(domainOf(recipient.address), message.contentBytes);
    const { external } = decision;
    const waits = decision.isLocal || !(isClear || recipient.resolved);
    if (waits) deferred.push({ recipient, fault: FAULT.directory });
    else if (external === undefined) ended.push({ recipient, outcome: failed(FAULT.tooLarge) });
    else routed.push({ recipient, route: external });
  }
  return { routed, ended, deferred, forks: NONE, events: NONE, changed: true };
}
