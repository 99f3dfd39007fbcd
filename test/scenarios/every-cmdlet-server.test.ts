import { test } from "node:test";
import { runRows } from "../harness/cmdlet-row.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { SERVER_ROWS } from "./rows/server-rows.ts";

test("server: every cmdlet by command line and REST", async (t) => {
  await runRows(await openEveryBench(t), SERVER_ROWS);
});
