import { test } from "node:test";
import { runRows } from "../harness/cmdlet-row.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { RECIPIENT_ROWS } from "./rows/recipient-rows.ts";

test("recipients: every cmdlet by command line and REST", async (t) => {
  await runRows(await openEveryBench(t), ...RECIPIENT_ROWS);
});
