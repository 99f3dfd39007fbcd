import { test } from "node:test";
import { runRows } from "../harness/cmdlet-row.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { COMPLIANCE_ROWS } from "./rows/compliance-rows.ts";

test("compliance: every cmdlet by command line and REST", async (t) => {
  await runRows(await openEveryBench(t), COMPLIANCE_ROWS);
});
