import assert from "node:assert/strict";
import { textOf } from "../../../src/base/text-of.fake.ts";
import type { CmdletRow, Given } from "../../harness/cmdlet-row.ts";
import { runCmdlet, tryCmdlet } from "../../harness/cmdlets.ts";
import { eventually } from "../../harness/eventually.ts";
import type { EveryBench } from "../../harness/every-bench.ts";
import { openSocket } from "../../harness/rest-client.ts";

type Row = CmdletRow<EveryBench>;

const RELAYED = "relayed@contoso.test";

/** Waits until the log has what the parameters ask for: it is written behind the mail. */
function once(cmdlet: string, given: Given) {
  return ({ server }: EveryBench): Promise<Given> =>
    eventually({ what: `${cmdlet} ${JSON.stringify(given)}` }, async () => {
      const { objects } = await tryCmdlet(server, cmdlet, given);
      return objects.length > 0 ? given : undefined;
    });
}

/** The trace of the message that a hop took. */
function traceId({ server }: EveryBench): Promise<string> {
  return eventually({ what: "the trace" }, async () => {
    const [row] = await runCmdlet(server, "Get-MessageTrace", { MessageId: RELAYED });
    return row?.["Status"] === "Delivered" ? textOf(row["MessageTraceId"]) : undefined;
  });
}

async function linkTo(bench: EveryBench) {
  const given = { MessageTraceId: await traceId(bench) };
  const [link] = await runCmdlet(bench.server, "New-MessageTraceLink", given);
  return link;
}

const TRACKING: readonly Row[] = [
  {
    cmdlet: "Get-MessageTrackingLog",
    given: once("Get-MessageTrackingLog", { MessageId: RELAYED, EventId: "SEND" }),
    count: 1,
    expect({ objects: [event] }) {
      assert.deepEqual(event?.["Recipients"], ["one@hop.test"]);
      assert.equal(event["ConnectorId"], "Hop");
    },
  },
  {
    cmdlet: "Get-MessageTrace",
    given: once("Get-MessageTrace", { SenderAddress: "alice@contoso.test", Status: "Pending" }),
    count: 1,
    expect({ objects: [row] }) {
      assert.equal(row?.["RecipientAddress"], "one@fabrikam.test");
      assert.equal(row["Subject"], "waiting");
    },
  },
  {
    cmdlet: "Get-MessageTraceDetail",
    given: async (bench) => ({ MessageTraceId: await traceId(bench) }),
    count: 2,
    expect({ objects: [received, sent] }) {
      assert.match(textOf(received?.["Detail"]), /received by connector/);
      assert.match(textOf(sent?.["Detail"]), /hop\.test \[127\.0\.0\.2\].*Taken/);
    },
  },
  {
    cmdlet: "Get-MessageTraceDetail",
    given: async ({ server }) => {
      const [message] = await runCmdlet(server, "Get-Message", { Filter: "Subject -eq 'waiting'" });
      return { MessageTraceId: textOf(message?.["Identity"]) };
    },
    expect({ objects }) {
      assert.ok(objects.every((one) => one["MessageId"] === "<waiting@contoso.test>"));
      assert.match(textOf(objects.at(-1)?.["Detail"]), /waits in queue/);
    },
  },
  {
    cmdlet: "Get-MessageTraceDetail",
    given: { MessageTraceId: RELAYED },
    count: 2,
    expect({ objects: [received] }) {
      assert.equal(received?.["MessageId"], `<${RELAYED}>`);
    },
  },
  {
    cmdlet: "New-MessageTraceLink",
    given: async (bench) => ({ MessageTraceId: await traceId(bench) }),
    count: 1,
    async expect({ objects: [link], bench: { server } }) {
      const story = await openSocket(server)(`GET ${textOf(link?.["Path"])}`);
      assert.equal(story.status, 200);
      assert.match(JSON.stringify(story.body), /one@hop\.test/);
    },
  },
  {
    cmdlet: "Get-MessageTraceLink",
    given: async (bench) => {
      await linkTo(bench);
      return {};
    },
    expect({ objects: [link] }) {
      assert.equal(link?.["Anonymous"], false);
    },
  },
  {
    cmdlet: "Remove-MessageTraceLink",
    given: async (bench) => ({ Identity: [textOf((await linkTo(bench))?.["Identity"])] }),
    count: 0,
    async expect({ given, bench: { server } }) {
      const left = await runCmdlet(server, "Get-MessageTraceLink");
      const names = left.map(({ Identity }) => textOf(Identity));
      assert.ok(!names.includes(textOf(given["Identity"])));
    },
  },
  {
    cmdlet: "Get-MessageTrackingIndex",
    count: 1,
    expect({ objects: [index] }) {
      assert.equal(index?.["Enabled"], true);
    },
  },
  {
    cmdlet: "Update-MessageTrackingIndex",
    given: { Rebuild: true },
    count: 1,
    async expect({ objects: [index], bench: { server } }) {
      assert.equal(index?.["Enabled"], true);
      await eventually({ what: "all is in the index" }, async () => {
        const [shown] = await runCmdlet(server, "Get-MessageTrackingIndex");
        return Number(shown?.["IndexedEvents"]) > 2 || undefined;
      });
    },
  },
];

const LOGS: readonly Row[] = [
  {
    cmdlet: "Get-ProtocolLog",
    given: once("Get-ProtocolLog", { Direction: "Receive", Pattern: "RCPT TO:<nobody@" }),
    count: 1,
    expect({ objects: [line] }) {
      assert.equal(line?.["ConnectorId"], "Default Frontend");
      assert.equal(line["Event"], "<");
    },
  },
  {
    cmdlet: "Get-ConnectivityLog",
    given: once("Get-ConnectivityLog", { Pattern: "127.0.0.2" }),
    expect({ objects: [line] }) {
      assert.ok(line?.["Session"] !== null);
    },
  },
  {
    cmdlet: "Get-AgentLog",
    given: once("Get-AgentLog", { Recipient: "nobody@contoso.test" }),
    count: 1,
    expect({ objects: [entry] }) {
      assert.equal(entry?.["Agent"], "Recipient Filter Agent");
      assert.equal(entry["Reason"], "RecipientDoesNotExist");
    },
  },
  {
    cmdlet: "Get-QueueLog",
    given: once("Get-QueueLog", { NextHopDomain: "[127.0.0.1]" }),
    expect({ objects: [entry] }) {
      assert.equal(entry?.["NextHopConnector"], "Smart Host");
    },
  },
  {
    cmdlet: "Get-RoutingTableLog",
    given: once("Get-RoutingTableLog", {}),
    expect({ objects: [table] }) {
      assert.match(textOf(table?.["Identity"]), /^RoutingConfig#\d+@/);
    },
  },
  {
    cmdlet: "Get-SessionRecording",
    given: once("Get-SessionRecording", { Pattern: "stranger.test" }),
    count: 1,
    expect({ objects: [recording] }) {
      assert.match(textOf(recording?.["Reason"]), /^550 5\.1\.10 /);
    },
  },
];

/** Message tracking, traces and logs. */
export const LOG_ROWS: readonly Row[] = [...TRACKING, ...LOGS];
