import { delay } from "../../base/clock.ts";
import { type Cmdlet, defineCmdlet, type Invocation, type Plan } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { Filter } from "../../cmdlet/filter.ts";
import { filterType } from "../../cmdlet/filter-type.ts";
import { forgetOrders } from "../../cmdlet/ordered-results.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import { bool, line } from "../../org/settings/setting-types.ts";
import { SUBMISSION_QUEUE_ID } from "../../store/queue-store.ts";
import type { MessageAct } from "../../transport/queue/queue-orders.ts";
import { ACT_INFO, type ActInfo, actInfo, describeTask } from "./act-info.ts";
import { checkServer, parseMessageIdentity } from "./identity.ts";
import { MESSAGE_INFO } from "./message-info.ts";
import { type FoundMessage, findMessages } from "./message-search.ts";
import { IDENTITY_MAX, identities } from "./page-parameters.ts";
import { PLANNED_MAX } from "./queue-acts.ts";
import { runJob } from "./run-job.ts";
import type { QueueServices } from "./services.ts";

type Run = Invocation<QueueServices>;

/** How long somebody is kept waiting for an attempt that is under way. */
const PATIENCE_MS = 3_000;

const SELECTION = {
  Identity: optionalParameter(
    identities(),
    "Server\\Queue\\Message; the number alone is the message in all of its queues. Or several.",
    { position: 0, pipeline: "property", excludes: ["Filter", "Server"] },
  ),
  Filter: optionalParameter(
    filterType(MESSAGE_INFO),
    "All messages for which it is true, as a job in the server.",
  ),
  Server: optionalParameter(line({ max: IDENTITY_MAX }), "This server's name."),
};

interface Selection {
  readonly identity: readonly string[] | undefined;
  readonly filter: Filter | undefined;
  readonly server: string | undefined;
}

/** Suspend-Message. */
const suspendMessage = defineCmdlet({
  name: "Suspend-Message",
  summary: "Keeps messages from being delivered or expiring, until they are resumed.",
  notes: ["An attempt under way is let finish; the message is suspended if that fails."],
  ...acting("none"),
  examples: [
    { command: "Suspend-Message mail\\7\\42", doc: "One message in one queue." },
    {
      command: "Suspend-Message -Filter \"FromAddress -eq 'spammer@contoso.test'\"",
      doc: "All that somebody has sent.",
    },
  ],
  parameters: SELECTION,
  plan: (run: Run, input) => plan(run, input, { kind: "suspend" }),
  run: (run: Run, input) => act(run, input, { kind: "suspend" }),
});

/** Resume-Message. */
const resumeMessage = defineCmdlet({
  name: "Resume-Message",
  summary: "Lets suspended messages go on, and sends those in Poison back to the categorizer.",
  ...acting("none"),
  examples: [{ command: "Resume-Message mail\\Poison\\42", doc: "Tries it once more." }],
  parameters: SELECTION,
  plan: (run: Run, input) => plan(run, input, { kind: "resume" }),
  run: (run: Run, input) => act(run, input, { kind: "resume" }),
});

/** Remove-Message. */
const removeMessage = defineCmdlet({
  name: "Remove-Message",
  summary: "Takes messages out of their queues for good.",
  notes: [
    "An attempt under way is let finish; the message is removed if that fails. Messages in " +
      "Submission are out of reach: suspend the queues they go to, or wait a moment.",
  ],
  ...acting("asks"),
  examples: [
    { command: "Remove-Message mail\\7\\42 -WithNDR:$false", doc: "Its sender is not told." },
    {
      command: "Remove-Message -Filter \"Subject -like '*lottery*'\" -WhatIf",
      doc: "Says how many that would be.",
    },
  ],
  parameters: {
    ...SELECTION,
    WithNDR: defaultedParameter(bool(), "true", "Whether their senders are told."),
  },
  plan: (run: Run, input) => plan(run, input, { kind: "remove", withNdr: input.withNDR }),
  run: (run: Run, input) => act(run, input, { kind: "remove", withNdr: input.withNDR }),
});

/** The acts on messages that need nothing but a selection. */
export const MESSAGE_ACTS: readonly Cmdlet<QueueServices>[] = [
  suspendMessage,
  resumeMessage,
  removeMessage,
];

function acting(confirmation: "none" | "asks") {
  return {
    roles: ["Server Management"],
    effect: "changes",
    confirmation,
    output: ACT_INFO,
  } as const;
}

/**
 * The messages that identities name, in their queues. One of several that is not there is told.
 * @throws CmdletFault when there is none
 */
export async function messagesNamed(
  { services, clock, signal, warn }: Run,
  identities: readonly string[],
): Promise<readonly FoundMessage[]> {
  const desk = services.queues;
  const { queues } = await desk.list();
  const known = { serverName: desk.serverName(), queues };
  const named = identities.map((identity) => ({ identity, ...parseIdentity(identity, known) }));
  const ids = [...new Set(named.flatMap(({ messageId }) => messageId ?? []))].sort(
    (left, right) => left - right,
  );
  const all: FoundMessage[] = [];
  const scope = { ids, signal };
  const showing = { nowMs: clock.nowMs(), recipients: "shown" as const };
  for await (const page of findMessages(desk, { filter: undefined, scope, showing })) {
    all.push(...page);
  }
  const found = new Set<FoundMessage>();
  for (const { identity, messageId, queues: own, fault } of named) {
    const theirs = all.filter(
      ({ located: { message, queue } }) =>
        message.id === messageId && (own?.some(({ id }) => id === queue.id) ?? true),
    );
    for (const one of theirs) found.add(one);
    if (theirs.length > 0) continue;
    const missing = fault ?? missingMessage(identity);
    if (named.length === 1) throw missing;
    warn(missing.message);
  }
  if (found.size === 0) throw missingMessage(identities.slice(0, PLANNED_MAX).join(", "));
  return [...found];
}

/** One whose queue is gone is no reason to leave the others alone. */
function parseIdentity(
  identity: string,
  known: Parameters<typeof parseMessageIdentity>[1],
): Partial<ReturnType<typeof parseMessageIdentity>> & { readonly fault?: CmdletFault } {
  try {
    return parseMessageIdentity(identity, known);
  } catch (error) {
    if (error instanceof CmdletFault && error.code === "not-found") return { fault: error };
    throw error;
  }
}

function missingMessage(identity: string): CmdletFault {
  const text = `there is no message ${identity} in a queue now; it may be done`;
  return new CmdletFault("not-found", text, { parameter: "Identity" });
}

/** Acts on one message in one queue; an attempt under way is not waited for very long. */
export async function actOnFound(
  { services, caller, clock, warn, changed }: Run,
  found: FoundMessage,
  what: MessageAct,
): Promise<ActInfo> {
  const { located, info } = found;
  const identity = String(info.Identity);
  if (located.queue.id === SUBMISSION_QUEUE_ID) {
    const text = `${identity} is in Submission, where messages cannot be acted on; wait a moment`;
    throw new CmdletFault("not-allowed-now", text, { parameter: "Identity" });
  }
  const acted = services.queues.actOnMessages({
    messageIds: [located.message.id],
    queue: located.queue.key,
    by: caller.name,
    act: what,
  });
  const waited = delay(clock, PATIENCE_MS).then(() => undefined);
  // Whatever becomes of it later is in the tracking log, or among the diagnostics.
  const count = await Promise.race([acted, waited]);
  const verb = describeTask({ target: "messages", act: what });
  if (count === undefined) warn(`${identity} is being delivered; ${verb} follows if that fails`);
  const isPending = count === undefined;
  forgetOrders(services.queues);
  changed({
    object: `Message ${identity} ${info.InternetMessageId}`,
    before: { Status: info.Status },
    after: { Act: verb, Recipients: count ?? null },
  });
  return actInfo({
    identity,
    act: verb,
    state: isPending ? "Pending" : "Completed",
    done: count === 0 ? 0 : 1,
    by: caller.name,
  });
}

async function plan(run: Run, selection: Selection, what: MessageAct): Promise<Plan> {
  const verb = describeTask({ target: "messages", act: what });
  const actions: string[] = [];
  let count = 0;
  for await (const page of selected(run, selection)) {
    for (const { info } of page) {
      count += 1;
      if (count > PLANNED_MAX) continue;
      actions.push(`${verb} ${info.Identity} from ${info.FromAddress}: ${info.Subject}`);
    }
  }
  return { actions, count };
}

/** What a selection names, without what is out of reach. */
async function* selected(
  run: Run,
  { identity, filter, server }: Selection,
): AsyncGenerator<readonly FoundMessage[]> {
  const desk = run.services.queues;
  checkServer(server, desk.serverName(), "Server");
  if (identity !== undefined) {
    yield await messagesNamed(run, identity);
    return;
  }
  if (filter === undefined) {
    const text = "say which message: give -Identity (from Get-Message) or -Filter";
    throw new CmdletFault("bad-parameter", text, { parameter: "Identity" });
  }
  const scope = { signal: run.signal };
  const search = { filter, scope, showing: { nowMs: run.clock.nowMs() } };
  for await (const page of findMessages(desk, search)) {
    yield page.filter(({ located }) => located.queue.id !== SUBMISSION_QUEUE_ID);
  }
}

async function* act(run: Run, selection: Selection, what: MessageAct): AsyncGenerator<ActInfo> {
  if (selection.filter === undefined) {
    const activity = describeTask({ target: "messages", act: what });
    for await (const page of selected(run, selection)) {
      for (const [at, found] of page.entries()) {
        // What is done stays done, and is put out; the rest has not been touched.
        run.signal.throwIfAborted();
        run.progress({ activity, done: at, total: page.length, unit: "messages" });
        yield await actOnFound(run, found, what);
      }
    }
    return;
  }
  const { count } = await plan(run, selection, what);
  const task = { target: "messages", act: what, filter: selection.filter.text } as const;
  yield* runJob(run, { task, expected: count });
}
