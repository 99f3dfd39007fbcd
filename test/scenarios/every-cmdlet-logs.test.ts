import { test } from "node:test";
import { runRows } from "../harness/cmdlet-row.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { LOG_ROWS } from "./rows/log-rows.ts";

test("logs: every cmdlet by command line and REST", async (t) => {
  await runRows(await openEveryBench(t), LOG_ROWS);
});
