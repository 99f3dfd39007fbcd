import { join } from "node:path";
import { test } from "node:test";
import { runRows } from "../harness/cmdlet-row.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { FIGURE_ROWS } from "./rows/figure-rows.ts";

test("figures: every cmdlet by command line and REST", async (t) => {
  const POSTRIDER_TEST_FAULTS = join(import.meta.dirname, "figure-faults.ts");
  await runRows(await openEveryBench(t, { environment: { POSTRIDER_TEST_FAULTS } }), FIGURE_ROWS);
});
