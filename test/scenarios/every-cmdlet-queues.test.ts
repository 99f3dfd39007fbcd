import { test } from "node:test";
import { runRows } from "../harness/cmdlet-row.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { QUEUE_ROWS } from "./rows/queue-rows.ts";

test("queues and messages: every cmdlet by command line and REST", async (t) => {
  await runRows(await openEveryBench(t), QUEUE_ROWS);
});
