import assert from "node:assert/strict";
import { test } from "node:test";
import { ALL_CMDLETS } from "../../src/management/all-cmdlets.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { ACCESS_ROWS } from "./rows/access-rows.ts";
import { LOG_ROWS } from "./rows/log-rows.ts";
import { CONFIGURATION_ROWS, ORGANIZATION_ROWS } from "./rows/organization-rows.ts";
import { QUEUE_ROWS } from "./rows/queue-rows.ts";
import { SERVER_ROWS } from "./rows/server-rows.ts";

const ALL_ROWS = [
  ...QUEUE_ROWS,
  ...LOG_ROWS,
  ...ORGANIZATION_ROWS.flat(),
  ...CONFIGURATION_ROWS,
  ...ACCESS_ROWS,
  ...SERVER_ROWS,
];

test("every cmdlet has a row: it is run through the command line and through REST", () => {
  const names = new Set(ALL_ROWS.map(({ cmdlet }) => cmdlet));
  const missing = ALL_CMDLETS.all.filter(({ name }) => !names.has(name));
  assert.deepEqual(
    missing.map(({ name }) => name),
    [],
    "without a row in test/scenarios/rows",
  );
});

/** What reads can only be asked with. */
async function requiredFor(name: string, messageTraceId: () => Promise<string>): Promise<object> {
  return name === "Get-MessageTraceDetail" ? { MessageTraceId: await messageTraceId() } : {};
}

test("a generated client can read everything that can be read", async (t) => {
  const { client } = await openEveryBench(t);
  const messageTraceId = async () => {
    const { values } = await client.call("Get-MessageTrace", { ResultSize: 1 });
    return String(values[0]?.["MessageTraceId"]);
  };
  assert.ok(client.reads.length > 30);
  for (const name of client.reads) {
    const values = await requiredFor(name, messageTraceId);
    const { status, body } = await client.ask(name, { ...values });
    assert.equal(status, 200, `${name}: ${JSON.stringify(body)}`);
  }
});
