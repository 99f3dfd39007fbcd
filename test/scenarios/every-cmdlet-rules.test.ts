import { test } from "node:test";
import { runRows } from "../harness/cmdlet-row.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { RULE_ROWS } from "./rows/rule-rows.ts";

test("mail flow rules: every cmdlet by command line and REST", async (t) => {
  await runRows(await openEveryBench(t), RULE_ROWS);
});
