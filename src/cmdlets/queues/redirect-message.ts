import { defineCmdlet, type Invocation, type Plan } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { optionalParameter, switchParameter } from "../../cmdlet/parameter.ts";
import type { Address } from "../../mail/address.ts";
import { address, line, listOf } from "../../org/settings/setting-types.ts";
import { ACT_INFO, type ActInfo, actInfo } from "./act-info.ts";
import { checkServer } from "./identity.ts";
import { actOnFound, messagesNamed } from "./message-acts.ts";
import { IDENTITY_MAX } from "./page-parameters.ts";
import type { QueueServices } from "./services.ts";

type Run = Invocation<QueueServices>;

const TARGETS_MAX = 20;

interface Input {
  readonly identity: string | undefined;
  readonly newRecipient: Address | undefined;
  readonly recipient: Address | undefined;
  readonly server: string | undefined;
  readonly target: readonly string[] | undefined;
  readonly stop: boolean;
}

/** Redirect-Message. */
export const redirectMessage = defineCmdlet({
  name: "Redirect-Message",
  summary: "Sends all waiting mail to another server, or one message to another address.",
  notes: [
    "With -Target this server takes no more mail (component HubTransport: Draining), and every " +
      "delivery queue, mailboxes included, is sent to that server over SMTP, which has to accept " +
      "it from here. It stays so over restarts until Redirect-Message -Stop. Suspended messages, " +
      "Poison and Unreachable stay where they are.",
    "With -Identity the message is categorized as if it had come for the new address; its sender " +
      "is not told. The tracking log has a REDIRECT event with both addresses.",
  ],
  roles: ["Server Management"],
  effect: "changes",
  confirmation: "asks",
  examples: [
    { command: "Redirect-Message -Target mx2.contoso.test", doc: "Empties this server." },
    { command: "Redirect-Message -Stop", doc: "Mail goes its own ways, and is taken again." },
    {
      command: "Redirect-Message 42 -Recipient bob@old.test -NewRecipient bob@new.test",
      doc: "One message, one of its recipients.",
    },
  ],
  parameters: {
    Identity: optionalParameter(line({ max: IDENTITY_MAX }), "Server\\Queue\\Message.", {
      position: 0,
      pipeline: "property",
      excludes: ["Target", "Stop", "Server"],
    }),
    NewRecipient: optionalParameter(address(), "Who gets the message instead."),
    Recipient: optionalParameter(address(), "Only the copy for this recipient."),
    Server: optionalParameter(line({ max: IDENTITY_MAX }), "This server's name."),
    Target: optionalParameter(
      listOf(line({ max: IDENTITY_MAX }), { max: TARGETS_MAX }),
      "Where all mail goes: host names or [addresses], with :port where it is not 25.",
      { excludes: ["Stop"] },
    ),
    Stop: switchParameter("Ends a redirection to another server."),
  },
  output: ACT_INFO,
  plan: async ({ services }: Run, input): Promise<Plan> => {
    if (input.identity !== undefined) {
      const action = `Redirect-Message ${input.identity} to ${input.newRecipient ?? "nobody"}`;
      return { actions: [action], count: 1 };
    }
    const name = services.queues.serverName();
    const what = input.stop ? "take mail again" : `send all mail to ${input.target?.join(", ")}`;
    return { actions: [`Redirect-Message: ${name} would ${what}`], count: 1 };
  },
  run: (run: Run, input) =>
    input.identity === undefined ? toServer(run, input) : toAddress(run, input),
});

async function* toAddress(run: Run, input: Input): AsyncGenerator<ActInfo> {
  const { identity = "", newRecipient, recipient } = input;
  if (newRecipient === undefined) {
    const text = "say who gets it instead: give -NewRecipient";
    throw new CmdletFault("bad-parameter", text, { parameter: "NewRecipient" });
  }
  const from = recipient === undefined ? {} : { from: recipient };
  for (const found of await messagesNamed(run, [identity])) {
    yield await actOnFound(run, found, { kind: "redirect", address: newRecipient, ...from });
  }
}

async function* toServer(run: Run, input: Input): AsyncGenerator<ActInfo> {
  const { services, caller, changed, progress, signal } = run;
  const desk = services.queues;
  checkServer(input.server, desk.serverName(), "Server");
  const object = `Server ${desk.serverName()}`;
  const before = { RedirectedTo: desk.redirection.state?.targets ?? null };
  const info = { identity: desk.serverName(), state: "Completed", by: caller.name } as const;
  if (input.stop) {
    await desk.redirection.end(caller.name);
    changed({ object, before, after: { RedirectedTo: null } });
    yield actInfo({ ...info, act: "Redirect-Message -Stop", done: 0 });
    return;
  }
  if (input.target === undefined) {
    const text = "say where to: give -Target, or -Identity for one message";
    throw new CmdletFault("bad-parameter", text, { parameter: "Target" });
  }
  const begun = await desk.redirection.begin({ targets: input.target, by: caller.name });
  if (!begun.ok) throw new CmdletFault("bad-parameter", begun.fault, { parameter: "Target" });
  changed({ object, before, after: { RedirectedTo: input.target } });
  // What waits for its own hop is tried at the new one at once.
  let done = 0;
  const queues = (await desk.list()).queues.filter(({ id }) => id > 0);
  for (const [at, { key }] of queues.entries()) {
    signal.throwIfAborted();
    progress({ activity: "Redirect-Message", done: at, total: queues.length, unit: "queues" });
    const result = await desk.actOnQueue({ act: "retry", key, by: caller.name });
    if (result === "done") done += 1;
  }
  yield actInfo({ ...info, act: `Redirect-Message -Target ${input.target.join(",")}`, done });
}
