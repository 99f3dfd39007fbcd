import { test } from "node:test";
import { runRows } from "../harness/cmdlet-row.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { keepForRows, QUARANTINE_ROWS } from "./rows/quarantine-rows.ts";

test("quarantine: every cmdlet by command line and REST", async (t) => {
  const bench = await openEveryBench(t);
  await keepForRows(bench);
  await runRows(bench, QUARANTINE_ROWS);
});
