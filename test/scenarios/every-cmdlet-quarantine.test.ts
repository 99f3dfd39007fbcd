import { join } from "node:path";
import { test } from "node:test";
import { runRows } from "../harness/cmdlet-row.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { QUARANTINE_ROWS } from "./rows/quarantine-rows.ts";

test("quarantine: every cmdlet by command line and REST", async (t) => {
  const faults = join(import.meta.dirname, "quarantine-faults.ts");
  const bench = await openEveryBench(t, { environment: { POSTRIDER_TEST_FAULTS: faults } });
  await runRows(bench, QUARANTINE_ROWS);
});
