import { test } from "node:test";
import { runRows } from "../harness/cmdlet-row.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { HYGIENE_ROWS } from "./rows/hygiene-rows.ts";
import { SCANNER_ROWS } from "./rows/scanner-rows.ts";

test("hygiene: every cmdlet by command line and REST", async (t) => {
  const bench = await openEveryBench(t);
  await runRows(bench, ...HYGIENE_ROWS, ...SCANNER_ROWS);
});
