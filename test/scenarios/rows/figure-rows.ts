import assert from "node:assert/strict";
import type { CmdletRow } from "../../harness/cmdlet-row.ts";
import { runCmdlet } from "../../harness/cmdlets.ts";
import { eventually } from "../../harness/eventually.ts";
import type { EveryBench } from "../../harness/every-bench.ts";

type Row = CmdletRow<EveryBench>;

/** Cmdlets of room `cmdlets/figures`. */
export const FIGURE_ROWS: readonly Row[] = [
  {
    cmdlet: "Get-TransportOverview",
    given: async ({ server }) => {
      await eventually({ what: "a look at the threads" }, async () => {
        const [overview] = await runCmdlet(server, "Get-TransportOverview");
        return Number(overview?.["QueueDepth"]) > 0 || undefined;
      });
      return {};
    },
    count: 1,
    expect({ objects: [overview] }) {
      assert.equal(overview?.["Server"], "mail.contoso.test");
      assert.deepEqual(overview["ComponentsNotActive"], []);
    },
  },
  {
    cmdlet: "Get-MailTrafficReport",
    given: async ({ server }) => {
      await eventually({ what: "the first minute's figures", withinMs: 30_000 }, async () => {
        const [row] = await runCmdlet(server, "Get-MailTrafficReport");
        return row;
      });
      return { AggregateBy: "Day", TimeZone: "Asia/Tokyo", Category: "Source" };
    },
    expect({ objects }) {
      const received = objects.reduce((sum, row) => sum + Number(row["Received"]), 0);
      assert.ok(received >= 3, `${received} messages`);
      assert.deepEqual(Object.keys(objects[0]?.["Details"] ?? {}), ["Source"]);
    },
  },
  {
    cmdlet: "Get-MailTrafficTopReport",
    given: async ({ server }) => {
      const given = { Category: "TopSender" };
      await eventually({ what: "counted senders" }, async () => {
        const [top] = await runCmdlet(server, "Get-MailTrafficTopReport", given);
        return top;
      });
      return given;
    },
    count: 1,
    expect({ objects: [top] }) {
      assert.equal(top?.["Sender"], "alice@contoso.test");
      assert.ok(Number(top["MessageCount"]) >= 3);
    },
  },
];
