import { test } from "node:test";
import { runRows } from "../harness/cmdlet-row.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { CERTIFICATE_ROWS } from "./rows/certificate-rows.ts";

test("certificates: every cmdlet by command line and REST", async (t) => {
  await runRows(await openEveryBench(t), CERTIFICATE_ROWS);
});
