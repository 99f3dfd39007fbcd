import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { putOutResults } from "../../cmdlet/ordered-results.ts";
import { optionalParameter, switchParameter } from "../../cmdlet/parameter.ts";
import { pageParameters } from "../../cmdlet/result-page.ts";
import { line } from "../../org/settings/setting-types.ts";
import { checkServer, findQueues, parseMessageIdentity } from "./identity.ts";
import { MESSAGE_INFO } from "./message-info.ts";
import { messageResults } from "./message-results.ts";
import { IDENTITY_MAX } from "./page-parameters.ts";
import type { MessageScope, QueueDesk, QueueServices } from "./services.ts";

/** Get-Message. */
export const getMessage = defineCmdlet({
  name: "Get-Message",
  summary: "Shows the messages that wait, and why.",
  notes: [
    "A message with recipients in several queues is shown once for each; its number is the same.",
    "Without -SortOrder the oldest come first, and results come as they are found.",
  ],
  roles: ["Server Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-Message -Queue fabrikam.test", doc: "What waits for one domain." },
    {
      command: `Get-Message -Filter "FromAddress -like '*@contoso.test' -and RetryCount -gt 3"`,
      doc: "What has been tried again and again.",
    },
    {
      command: "Get-Message 42 -IncludeRecipientInfo | Format-List",
      doc: "All about one message.",
    },
  ],
  parameters: {
    Identity: optionalParameter(
      line({ max: IDENTITY_MAX }),
      "Server\\Queue\\Message; the number alone is the message in all of its queues.",
      { position: 0, excludes: ["Filter", "Queue", "Server"] },
    ),
    Queue: optionalParameter(line({ max: IDENTITY_MAX }), "Only messages in these queues.", {
      completion: "Queue",
      pipeline: "property",
      excludes: ["Server"],
    }),
    Server: optionalParameter(line({ max: IDENTITY_MAX }), "This server's name."),
    ...pageParameters(MESSAGE_INFO),
    IncludeRecipientInfo: switchParameter("Fills Recipients."),
    IncludeComponentLatencyInfo: switchParameter("Fills ComponentLatency."),
  },
  output: MESSAGE_INFO,
  async *run(run: Invocation<QueueServices>, input) {
    const { services, clock, signal } = run;
    const desk = services.queues;
    checkServer(input.server, desk.serverName(), "Server");
    const showing = {
      nowMs: clock.nowMs(),
      ...(input.includeRecipientInfo && { recipients: "shown" as const }),
      ...(input.includeComponentLatencyInfo && { latency: "shown" as const }),
    };
    const scopes = await scopesOf(desk, { ...input, signal });
    const searches = scopes.map((scope) => ({ filter: input.filter, scope, showing }));
    let count = 0;
    const results = messageResults(desk, searches, input.sortOrder);
    for await (const info of putOutResults(run, results, input)) {
      count += 1;
      yield info;
    }
    if (count === 0 && input.identity !== undefined && scopes.length > 0) {
      // Gone, or never here; the tracking log knows.
      const text = `there is no message ${input.identity} in a queue now; it may be done`;
      throw new CmdletFault("not-found", text, { parameter: "Identity" });
    }
  },
});

async function scopesOf(
  desk: QueueDesk,
  input: {
    readonly identity: string | undefined;
    readonly queue: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<readonly MessageScope[]> {
  const { identity, queue } = input;
  const scope = { signal: input.signal, listing: "recent" } as const;
  if (identity === undefined && queue === undefined) return [scope];
  const { queues } = await desk.list("recent");
  const known = { serverName: desk.serverName(), queues };
  if (identity !== undefined) {
    const named = parseMessageIdentity(identity, known);
    const ids = [named.messageId];
    if (named.queues === undefined) return [{ ids, ...scope }];
    return named.queues.map((one) => ({ ids, queue: one, ...scope }));
  }
  return findQueues(queue ?? "*", known).map((one) => ({ queue: one, ...scope }));
}
