import assert from "node:assert/strict";
import { textOf } from "../../../src/base/text-of.fake.ts";
import type { CmdletRow, Surface } from "../../harness/cmdlet-row.ts";
import { runCmdlet, tryCmdlet } from "../../harness/cmdlets.ts";
import { eventually } from "../../harness/eventually.ts";
import { type EveryBench, ownName, WAITING_QUEUE } from "../../harness/every-bench.ts";
import { readMaildir } from "../../harness/maildir.ts";

type Row = CmdletRow<EveryBench>;

async function statusOfQueue({ server }: EveryBench): Promise<unknown> {
  const [queue] = await runCmdlet(server, "Get-Queue", { Identity: WAITING_QUEUE });
  return queue?.["Status"];
}

/** A message of this run's own, which waits. */
function ownMessage(name: string) {
  return async ({ sendWaiting }: EveryBench, via: Surface) => {
    const message = await sendWaiting(ownName(name, via));
    return { Identity: textOf(message["Identity"]) };
  };
}

async function statusOfMessage({ server }: EveryBench, Identity: unknown): Promise<unknown> {
  const { objects, failure } = await tryCmdlet(server, "Get-Message", { Identity });
  return failure?.code ?? objects[0]?.["Status"];
}

async function lastRetry({ server }: EveryBench): Promise<unknown> {
  const [queue] = await runCmdlet(server, "Get-Queue", { Identity: WAITING_QUEUE });
  return queue?.["Status"] === "Retry" ? queue["LastRetryTime"] : undefined;
}

function retryRow(): Row {
  let before: unknown;
  return {
    cmdlet: "Retry-Queue",
    async given(bench) {
      before = await eventually({ what: "a queue in Retry" }, () => lastRetry(bench));
      return { Identity: WAITING_QUEUE };
    },
    count: 1,
    async expect({ objects: [act], bench }) {
      assert.equal(act?.["State"], "Completed");
      await eventually({ what: "another attempt" }, async () => {
        const now = await lastRetry(bench);
        return (now !== undefined && now !== before) || undefined;
      });
    },
  };
}

const QUEUES: readonly Row[] = [
  {
    cmdlet: "Get-Queue",
    given: { Identity: WAITING_QUEUE },
    count: 1,
    expect({ objects: [queue] }) {
      assert.equal(queue?.["Status"], "Retry");
      assert.equal(queue["NextHopConnector"], "Smart Host");
      assert.ok(Number(queue["MessageCount"]) > 0);
      assert.match(textOf(queue["LastError"]), /Connection refused/);
    },
  },
  {
    cmdlet: "Get-QueueDigest",
    given: { GroupBy: "NextHopDomain", Threshold: 1 },
    expect({ objects: [digest] }) {
      assert.equal(digest?.["GroupByValue"], WAITING_QUEUE);
      assert.equal(digest["QueueCount"], 1);
    },
  },
  {
    cmdlet: "Suspend-Queue",
    given: async ({ server }) => {
      await runCmdlet(server, "Resume-Queue", { Identity: WAITING_QUEUE });
      return { Identity: WAITING_QUEUE };
    },
    count: 1,
    async expect({ objects: [act], bench }) {
      assert.equal(act?.["State"], "Completed");
      assert.equal(await statusOfQueue(bench), "Suspended");
    },
  },
  {
    cmdlet: "Resume-Queue",
    given: async ({ server }) => {
      await runCmdlet(server, "Suspend-Queue", { Identity: WAITING_QUEUE });
      return { Identity: WAITING_QUEUE };
    },
    count: 1,
    async expect({ objects: [act], bench }) {
      assert.equal(act?.["Act"], "Resume-Queue");
      assert.notEqual(await statusOfQueue(bench), "Suspended");
    },
  },
  retryRow(),
];

const MESSAGES: readonly Row[] = [
  {
    cmdlet: "Get-Message",
    given: { Filter: "Subject -eq 'waiting'", IncludeRecipientInfo: true },
    count: 1,
    expect({ objects: [message] }) {
      assert.equal(message?.["FromAddress"], "alice@contoso.test");
      assert.equal(message["Status"], "Retry");
      assert.match(JSON.stringify(message["Recipients"]), /one@fabrikam\.test/);
    },
  },
  {
    cmdlet: "Suspend-Message",
    given: ownMessage("suspend"),
    count: 1,
    async expect({ objects: [act], given, bench }) {
      assert.equal(act?.["Act"], "Suspend-Message");
      assert.equal(await statusOfMessage(bench, given["Identity"]), "Suspended");
    },
  },
  {
    cmdlet: "Resume-Message",
    given: async (bench, via) => {
      const given = await ownMessage("resume")(bench, via);
      await runCmdlet(bench.server, "Suspend-Message", given);
      return given;
    },
    count: 1,
    async expect({ given, bench }) {
      assert.notEqual(await statusOfMessage(bench, given["Identity"]), "Suspended");
    },
  },
  {
    cmdlet: "Remove-Message",
    given: async (bench, via) => ({
      ...(await ownMessage("remove")(bench, via)),
      WithNDR: false,
    }),
    count: 1,
    async expect({ objects: [act], given, bench }) {
      assert.equal(act?.["Act"], "Remove-Message -WithNDR:$false");
      assert.equal(await statusOfMessage(bench, given["Identity"]), "not-found");
    },
  },
  {
    cmdlet: "Redirect-Message",
    given: async (bench, via) => ({
      ...(await ownMessage("redirect")(bench, via)),
      NewRecipient: "bob@contoso.test",
    }),
    count: 1,
    async expect({ bench: { server }, via }) {
      const subject = `Subject: ${ownName("redirect", via)}`;
      await eventually({ what: "bob's copy" }, async () => {
        const mails = await readMaildir(server.dataFolder, "bob@contoso.test");
        return mails.some((mail) => mail.includes(subject)) || undefined;
      });
    },
  },
];

const EXPORTS: readonly Row[] = [
  {
    cmdlet: "Get-MessageHeader",
    given: ownMessage("header"),
    count: 1,
    expect({ objects: [shown], via }) {
      assert.match(textOf(shown?.["Header"]), /^Received: from /);
      assert.ok(textOf(shown?.["Header"]).includes(`Subject: ${ownName("header", via)}`));
    },
  },
  {
    cmdlet: "Export-Message",
    given: async (bench, via) => {
      const given = await ownMessage("export")(bench, via);
      await runCmdlet(bench.server, "Suspend-Message", given);
      return given;
    },
    async expect({ objects, given, via, bench: { server } }) {
      const parts = objects.map((one) => Buffer.from(textOf(one["Content"]), "base64"));
      const file = Buffer.concat(parts);
      assert.match(file.toString(), /^X-Sender: <alice@contoso\.test>/);
      assert.ok(file.includes(`Subject: ${ownName("export", via)}`));
      const again = await runCmdlet(server, "Export-Message", given);
      const whole = again.map((one) => Buffer.from(textOf(one["Content"]), "base64"));
      assert.ok(file.equals(Buffer.concat(whole)));
    },
  },
];

/** A job that waits for an attempt which nobody answers. */
const JOBS: readonly Row[] = [
  {
    cmdlet: "Stop-QueueJob",
    given: async ({ server, send, hop }, via) => {
      const subject = ownName("silent", via);
      const isAsked = () => hop.lines.filter((line) => line.startsWith("RCPT TO:<silent@")).length;
      const before = isAsked();
      await send(subject, "silent@hop.test");
      await eventually({ what: "the hop's silence" }, () => isAsked() > before || undefined);
      const Filter = `Subject -eq '${subject}'`;
      void tryCmdlet(server, "Suspend-Message", { Filter }).catch(() => undefined);
      const job = await eventually({ what: "the job" }, async () => {
        const jobs = await runCmdlet(server, "Get-QueueJob", { Filter: "State -eq 'Running'" });
        return jobs.find((one) => one["Filter"] === Filter);
      });
      return { Identity: textOf(job["Identity"]) };
    },
    count: 1,
    async expect({ objects: [job], given, bench: { server } }) {
      assert.equal(job?.["State"], "Stopped");
      const [shown] = await runCmdlet(server, "Get-QueueJob", given);
      assert.equal(shown?.["State"], "Stopped");
    },
  },
  {
    cmdlet: "Get-QueueJob",
    given: { Filter: "State -eq 'Stopped'" },
    count: 2,
    expect({ objects: [job] }) {
      assert.equal(job?.["Act"], "Suspend-Message");
      assert.equal(job["By"], "root");
    },
  },
];

/** Queues and messages. */
export const QUEUE_ROWS: readonly Row[] = [...QUEUES, ...MESSAGES, ...EXPORTS, ...JOBS];
