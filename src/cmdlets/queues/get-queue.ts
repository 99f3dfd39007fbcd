import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { compileFilter } from "../../cmdlet/filter-match.ts";
import { moreResultsWarning } from "../../cmdlet/paging.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { cutPage, pageInfoText, pageParameters } from "../../cmdlet/result-page.ts";
import { compareBy } from "../../cmdlet/sort-order.ts";
import { line, listOf, oneOf } from "../../org/settings/setting-types.ts";
import { type ListedQueue, totalOf } from "../../transport/queue/queue-listing.ts";
import { checkServer, findQueues } from "./identity.ts";
import { IDENTITY_MAX } from "./page-parameters.ts";
import {
  categoryOf,
  formatQueueIdentity,
  QUEUE_INFO,
  type QueueInfo,
  queueInfo,
} from "./queue-info.ts";
import type { QueueDesk, QueueServices } from "./services.ts";

/** The words of -Include and -Exclude: kinds of queues, and delivery types. */
export const QUEUE_KINDS = [
  "Internal",
  "External",
  "Empty",
  "DnsConnectorDelivery",
  "SmartHostConnectorDelivery",
  "SmtpDeliveryToMailbox",
  "LmtpDelivery",
  "Undefined",
  "Unreachable",
] as const;

type QueueKind = (typeof QUEUE_KINDS)[number];

/** -Include and -Exclude. */
export const KIND_PARAMETERS = {
  Include: optionalParameter(
    listOf(oneOf(QUEUE_KINDS), { max: QUEUE_KINDS.length }),
    "Only queues of these kinds.",
  ),
  Exclude: optionalParameter(
    listOf(oneOf(QUEUE_KINDS), { max: QUEUE_KINDS.length }),
    "No queues of these kinds.",
  ),
};

/** Whether a queue is of the kinds wanted. */
export function isOfKind(
  queue: ListedQueue,
  kinds: {
    readonly include: readonly QueueKind[] | undefined;
    readonly exclude: readonly QueueKind[] | undefined;
  },
): boolean {
  const has = (kind: QueueKind) => {
    if (kind === "Empty") return totalOf(queue.messages) === 0;
    return kind === categoryOf(queue) || kind === queue.key.deliveryType;
  };
  if (kinds.exclude?.some(has)) return false;
  return kinds.include === undefined || kinds.include.some(has);
}

/** Get-Queue. */
export const getQueue = defineCmdlet({
  name: "Get-Queue",
  summary: "Shows the queues with what is in them, how fast it moves, and why it does not.",
  notes: [
    "Submission is always there; a delivery queue as long as something is in it and a while " +
      "longer; Unreachable and Poison while they hold something.",
    "Rates are averaged over the last minute. A Velocity below 0 means that the queue grows.",
  ],
  roles: ["Server Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-Queue", doc: "All queues." },
    {
      command: `Get-Queue -Filter "Status -eq 'Retry' -and MessageCount -gt 10"`,
      doc: "Queues that cannot be delivered and hold more than ten messages.",
    },
    { command: "Get-Queue -Exclude Internal -SortOrder -MessageCount", doc: "The longest first." },
  ],
  parameters: {
    Identity: optionalParameter(
      line({ max: IDENTITY_MAX }),
      "Server\\Queue: a number, a next hop (* stands for any characters), or Submission, " +
        "Unreachable, Poison.",
      { position: 0, completion: "Queue", excludes: ["Filter", "Server"] },
    ),
    Server: optionalParameter(line({ max: IDENTITY_MAX }), "This server's name."),
    ...KIND_PARAMETERS,
    ...pageParameters(QUEUE_INFO),
  },
  output: QUEUE_INFO,
  async *run({ services, warn, clock, progress }: Invocation<QueueServices>, input) {
    const desk = services.queues;
    const serverName = desk.serverName();
    checkServer(input.server, serverName, "Server");
    const { queues, warnings } = await desk.list("recent");
    for (const warning of warnings) warn(warning);
    const named =
      input.identity === undefined ? queues : findQueues(input.identity, { serverName, queues });
    const matches = input.filter && compileFilter(input.filter, { nowMs: clock.nowMs() });
    const ofKind = named.filter((queue) => isOfKind(queue, input));
    // Of ten thousand queues in their own order, only those of the page have to be shown.
    const found = new ShownQueues(ofKind, desk);
    if (matches) found.keep(matches);
    if (input.sortOrder) found.sort(compareBy(input.sortOrder));
    const { queues: sorted } = found;
    const bookmark = bookmarkAt(sorted, serverName, input.bookmarkObject);
    const page = cutPage(sorted, input, bookmark);
    if (input.returnPageInfo) {
      warn(pageInfoText(page));
      const done = page.firstIndex + page.items.length - 1;
      progress({ activity: "Page", done, total: page.total, unit: "queues" });
    } else if (page.items.length < sorted.length && !input.bookmarkIndex && !bookmark) {
      warn(moreResultsWarning(input.resultSize));
    }
    for (const queue of page.items) yield found.show(queue);
  },
});

/** Queues that are shown when it is needed, and once. */
class ShownQueues {
  readonly #desk: QueueDesk;
  readonly #infos = new Map<ListedQueue, QueueInfo>();
  queues: readonly ListedQueue[];

  constructor(queues: readonly ListedQueue[], desk: QueueDesk) {
    this.queues = queues;
    this.#desk = desk;
  }

  show(queue: ListedQueue): QueueInfo {
    const info = this.#infos.get(queue) ?? queueInfo(queue, this.#desk);
    this.#infos.set(queue, info);
    return info;
  }

  keep(matches: (info: QueueInfo) => boolean): void {
    this.queues = this.queues.filter((queue) => matches(this.show(queue)));
  }

  sort(compare: (left: QueueInfo, right: QueueInfo) => number): void {
    this.queues = this.queues.toSorted((one, two) => compare(this.show(one), this.show(two)));
  }
}

function bookmarkAt(
  sorted: readonly ListedQueue[],
  serverName: string,
  bookmark: string | undefined,
): number | undefined {
  if (bookmark === undefined) return undefined;
  const folded = bookmark.toLowerCase();
  const at = sorted.findIndex(
    (queue) => formatQueueIdentity(queue, serverName).toLowerCase() === folded,
  );
  if (at !== -1) return at;
  const text = `${JSON.stringify(bookmark)} is not among the results; -BookmarkIndex needs none`;
  throw new CmdletFault("not-found", text, { parameter: "BookmarkObject" });
}
