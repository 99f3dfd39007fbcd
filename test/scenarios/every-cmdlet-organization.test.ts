import { test } from "node:test";
import { runRows } from "../harness/cmdlet-row.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { CONFIGURATION_ROWS, ORGANIZATION_ROWS } from "./rows/organization-rows.ts";

test("organization: every cmdlet by command line and REST", async (t) => {
  const bench = await openEveryBench(t);
  await runRows(bench, ...ORGANIZATION_ROWS);
  await runRows(bench, CONFIGURATION_ROWS);
});
