import assert from "node:assert/strict";
import { textOf } from "../../../src/base/text-of.fake.ts";
import type { CmdletRow } from "../../harness/cmdlet-row.ts";
import { runCmdlet } from "../../harness/cmdlets.ts";
import type { EveryBench } from "../../harness/every-bench.ts";

type Row = CmdletRow<EveryBench>;

const HOUR = { StartTime: "-1h", EndTime: "now" };

/** A request of this row's own. */
async function made({ server }: EveryBench) {
  const [request] = await runCmdlet(server, "Add-ResubmitRequest", HOUR);
  return { Identity: Number(request?.["Identity"]) };
}

/** The Safety Net. */
export const COMPLIANCE_ROWS: readonly Row[] = [
  {
    cmdlet: "Add-ResubmitRequest",
    given: { ...HOUR, Recipient: "alice@contoso.test", ResubmitTo: "bob@contoso.test" },
    count: 1,
    expect({ objects: [request] }) {
      assert.equal(request?.["State"], "Running");
      assert.equal(request["Recipient"], "alice@contoso.test");
      assert.equal(request["ResubmitTo"], "bob@contoso.test");
    },
  },
  {
    cmdlet: "Get-ResubmitRequest",
    given: made,
    count: 1,
    expect({ objects: [request], given: { Identity } }) {
      assert.equal(request?.["Identity"], String(Identity));
    },
  },
  {
    cmdlet: "Set-ResubmitRequest",
    given: async (bench) => ({ ...(await made(bench)), Enabled: false }),
    count: 1,
    expect({ objects: [request] }) {
      assert.match(textOf(request?.["State"]), /^(?:Paused|Completed)$/);
    },
  },
  {
    cmdlet: "Remove-ResubmitRequest",
    given: made,
    count: 1,
    async expect({ bench: { server }, given: { Identity } }) {
      const left = await runCmdlet(server, "Get-ResubmitRequest");
      assert.ok(!left.some((one) => one["Identity"] === String(Identity)));
    },
  },
];
