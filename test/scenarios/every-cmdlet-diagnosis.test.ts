import { test } from "node:test";
import { runRows } from "../harness/cmdlet-row.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { DIAGNOSIS_ROWS } from "./rows/diagnosis-rows.ts";

test("diagnosis: every cmdlet by command line and REST", async (t) => {
  await runRows(await openEveryBench(t), DIAGNOSIS_ROWS);
});
