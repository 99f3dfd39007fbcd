import assert from "node:assert/strict";
import { request } from "node:http";
import { join } from "node:path";
import type { ExecutionRecord } from "../../src/cmdlet/execution.ts";
import type { OutputObject } from "../../src/cmdlet/output-type.ts";

type Failure = Extract<ExecutionRecord, { readonly kind: "failed" }>;
type PlanRecord = Extract<ExecutionRecord, { readonly kind: "plan" }>;

/** What a run has put out. */
export interface CmdletRun {
  readonly objects: readonly OutputObject[];
  readonly warnings: readonly string[];
  readonly plan: PlanRecord["plan"] | undefined;
  readonly failure: Failure | undefined;
}

/** Runs a cmdlet over the server's Unix socket, as local root; resolves also when it fails. */
export async function tryCmdlet(
  server: { readonly dataFolder: string },
  cmdlet: string,
  parameters: Readonly<Record<string, unknown>> = {},
  options: { readonly whatIf?: boolean } = {},
): Promise<CmdletRun> {
  const body = JSON.stringify({ cmdlet, parameters, whatIf: options.whatIf ?? false });
  const text = await new Promise<string>((resolve, reject) => {
    const sent = request(
      {
        socketPath: join(server.dataFolder, "postrider.sock"),
        path: "/api/v1/run",
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/x-ndjson" },
      },
      (response) => {
        let received = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          received += chunk;
        });
        response.on("end", () => resolve(received));
        response.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
  const records = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as ExecutionRecord);
  const last = records.at(-1)?.kind;
  assert.ok(last === "done" || last === "failed", `${cmdlet} has an end: ${text}`);
  const plan = records.find((record) => record.kind === "plan");
  return {
    objects: records.flatMap((record) => (record.kind === "object" ? [record.value] : [])),
    warnings: records.flatMap((record) => (record.kind === "warning" ? [record.text] : [])),
    plan: plan?.plan,
    failure: records.find((record) => record.kind === "failed"),
  };
}

/** As `tryCmdlet`, and fails the test when the cmdlet fails. Resolves with the objects. */
export async function runCmdlet(
  server: { readonly dataFolder: string },
  cmdlet: string,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<readonly OutputObject[]> {
  const { objects, failure } = await tryCmdlet(server, cmdlet, parameters);
  assert.equal(failure, undefined, `${cmdlet}: ${failure?.message}`);
  return objects;
}
