import { unreachable } from "../../base/assert.ts";
import { type Cmdlet, defineCmdlet, type Invocation, type Plan } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { Filter } from "../../cmdlet/filter.ts";
import { compileFilter } from "../../cmdlet/filter-match.ts";
import { filterType } from "../../cmdlet/filter-type.ts";
import { optionalParameter, switchParameter } from "../../cmdlet/parameter.ts";
import { line } from "../../org/settings/setting-types.ts";
import type { ListedQueue } from "../../transport/queue/queue-listing.ts";
import type { QueueAct } from "../../transport/queue/queue-orders.ts";
import { ACT_INFO, type ActInfo, actInfo, describeTask } from "./act-info.ts";
import { checkServer, findQueues, type KnownQueues } from "./identity.ts";
import { IDENTITY_MAX, identities } from "./page-parameters.ts";
import { formatQueueIdentity, QUEUE_INFO, queueInfo } from "./queue-info.ts";
import { runJob } from "./run-job.ts";
import type { QueueServices } from "./services.ts";

type Run = Invocation<QueueServices>;

/** Actions that a plan names one by one. */
export const PLANNED_MAX = 20;

const SELECTION = {
  Identity: optionalParameter(
    identities(),
    "Server\\Queue: a number, a next hop, or Submission, Unreachable; or several of them.",
    { position: 0, completion: "Queue", pipeline: "property", excludes: ["Filter", "Server"] },
  ),
  Filter: optionalParameter(
    filterType(QUEUE_INFO),
    "All queues for which it is true, as a job in the server.",
  ),
  Server: optionalParameter(line({ max: IDENTITY_MAX }), "This server's name."),
};

interface Selection {
  readonly identity: readonly string[] | undefined;
  readonly filter: Filter | undefined;
  readonly server: string | undefined;
}

/** Suspend-Queue. */
const suspendQueue = defineCmdlet({
  name: "Suspend-Queue",
  summary: "Stops what leaves a queue; mail still joins it.",
  notes: [
    "Attempts under way finish. The suspension outlives a restart, and mail goes on ageing: what " +
      "expires comes back to its sender.",
    "Suspend-Queue Submission stops the categorizer, Unreachable keeps changes of routes away " +
      "from its mail.",
  ],
  ...acting("asks"),
  examples: [
    { command: "Suspend-Queue fabrikam.test", doc: "Holds back mail for a domain." },
    {
      command: `Suspend-Queue -Filter "NextHopDomain -like '*.test' -and MessageCount -ge 100"`,
      doc: "Holds back the long ones of many.",
    },
  ],
  parameters: SELECTION,
  plan: (run: Run, input) => plan(run, input, "suspend"),
  run: (run: Run, input) => act(run, input, "suspend"),
});

/** Resume-Queue. */
const resumeQueue = defineCmdlet({
  name: "Resume-Queue",
  summary: "Lets mail leave a suspended queue again.",
  ...acting("none"),
  examples: [{ command: "Resume-Queue -Filter \"Status -eq 'Suspended'\"", doc: "All of them." }],
  parameters: SELECTION,
  plan: (run: Run, input) => plan(run, input, "resume"),
  run: (run: Run, input) => act(run, input, "resume"),
});

/** Retry-Queue. */
const retryQueue = defineCmdlet({
  name: "Retry-Queue",
  summary: "Attempts a queue that waits for its retry at once, or routes its mail anew.",
  notes: [
    "Messages in it that wait for a time of their own are attempted as well. The time of the " +
      "next retry counts from this attempt on.",
    "With -Resubmit the mail goes back to the categorizer, but for suspended messages: for when " +
      "routes have changed. This is the only way for Unreachable.",
  ],
  ...acting("none"),
  examples: [
    { command: "Retry-Queue fabrikam.test", doc: "Its server is back." },
    { command: "Retry-Queue -Filter \"Status -eq 'Retry'\"", doc: "All that wait." },
    { command: "Retry-Queue Unreachable -Resubmit", doc: "Mail without a route, routed anew." },
  ],
  parameters: {
    ...SELECTION,
    Resubmit: switchParameter("Sends the mail back to the categorizer."),
  },
  plan: (run: Run, input) => plan(run, input, input.resubmit ? "resubmit" : "retry"),
  run: (run: Run, input) => act(run, input, input.resubmit ? "resubmit" : "retry"),
});

/** The acts on queues. */
export const QUEUE_ACTS: readonly Cmdlet<QueueServices>[] = [suspendQueue, resumeQueue, retryQueue];

function acting(confirmation: "none" | "asks") {
  return {
    roles: ["Server Management"],
    effect: "changes",
    confirmation,
    output: ACT_INFO,
  } as const;
}

async function plan(run: Run, selection: Selection, what: QueueAct): Promise<Plan> {
  const queues = await select(run, selection);
  const serverName = run.services.queues.serverName();
  const verb = describeTask({ target: "queues", act: what });
  const actions = queues.slice(0, PLANNED_MAX).map((queue) => {
    const identity = formatQueueIdentity(queue, serverName);
    return `${verb} ${identity} (${queue.key.nextHopDomain})`;
  });
  return { actions, count: queues.length };
}

async function select(
  { services, clock, warn }: Run,
  { identity, filter, server }: Selection,
): Promise<readonly ListedQueue[]> {
  const desk = services.queues;
  const serverName = desk.serverName();
  checkServer(server, serverName, "Server");
  if (identity === undefined && filter === undefined) {
    const text = "say which queue: give -Identity (from Get-Queue) or -Filter";
    throw new CmdletFault("bad-parameter", text, { parameter: "Identity" });
  }
  const { queues } = await desk.list();
  if (filter === undefined) {
    return findEach(identity ?? [], { known: { serverName, queues }, warn });
  }
  const matches = compileFilter(filter, { nowMs: clock.nowMs() });
  return queues.filter((queue) => matches(queueInfo(queue, desk)));
}

/** One that is gone is no reason to leave the others alone. */
function findEach(
  identities: readonly string[],
  { known, warn }: { readonly known: KnownQueues; readonly warn: Run["warn"] },
): readonly ListedQueue[] {
  const found = new Set<ListedQueue>();
  for (const identity of identities) {
    try {
      for (const queue of findQueues(identity, known)) found.add(queue);
    } catch (error) {
      const isGone = error instanceof CmdletFault && error.code === "not-found";
      if (!isGone || identities.length === 1) throw error;
      warn(error.message);
    }
  }
  return [...found];
}

async function* act(run: Run, selection: Selection, what: QueueAct): AsyncGenerator<ActInfo> {
  const queues = await select(run, selection);
  if (selection.filter !== undefined) {
    const filter = selection.filter.text;
    const task = { target: "queues", act: what, filter } as const;
    yield* runJob(run, { task, expected: queues.length });
    return;
  }
  const { services, caller, changed, progress, signal } = run;
  const desk = services.queues;
  const verb = describeTask({ target: "queues", act: what });
  if (queues.length === 0) {
    const text = `there is nothing in ${selection.identity?.join(", ")} now`;
    throw new CmdletFault("not-found", text, { parameter: "Identity" });
  }
  for (const [at, queue] of queues.entries()) {
    // What is done stays done, and is put out; the rest has not been touched.
    signal.throwIfAborted();
    progress({ activity: verb, done: at, total: queues.length, unit: "queues" });
    const before = queueInfo(queue, desk);
    const identity = formatQueueIdentity(queue, desk.serverName());
    await actOnOne(desk, { act: what, key: queue.key, by: caller.name }, identity);
    const after = (await desk.list()).queues.find(({ id }) => id === queue.id);
    changed({
      object: `Queue ${identity} (${queue.key.nextHopDomain})`,
      before: { Status: before.Status },
      after: { Status: after?.status ?? null },
    });
    yield actInfo({ identity, act: verb, state: "Completed", done: 1, by: caller.name });
  }
}

async function actOnOne(
  desk: QueueServices["queues"],
  order: Parameters<QueueServices["queues"]["actOnQueue"]>[0],
  identity: string,
): Promise<void> {
  const result = await desk.actOnQueue(order);
  switch (result) {
    case "done":
      return;
    case "suspended":
      if (order.act === "suspend" && order.key.nextHopDomain === "Poison Message") {
        throw new CmdletFault("not-allowed-now", `${identity} is always suspended`);
      }
      throw new CmdletFault(
        "not-allowed-now",
        `${identity} is suspended; Resume-Queue lets it go on`,
      );
    case "not-in-retry":
      throw new CmdletFault(
        "not-allowed-now",
        `${identity} has no next hop to be tried; -Resubmit routes the mail of Unreachable anew, ` +
          "Resume-Message that of Poison",
      );
    case "elsewhere":
    case "unknown":
      throw new CmdletFault("not-found", `${identity} is not there any more`);
    default:
      unreachable(result);
  }
}
