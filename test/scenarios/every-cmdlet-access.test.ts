import { test } from "node:test";
import { runRows } from "../harness/cmdlet-row.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { ACCESS_ROWS } from "./rows/access-rows.ts";

test("access: every cmdlet by command line and REST", async (t) => {
  await runRows(await openEveryBench(t), ACCESS_ROWS);
});
