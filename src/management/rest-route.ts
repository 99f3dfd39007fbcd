import type { IncomingMessage } from "node:http";
import { unreachable } from "../base/assert.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { MiB } from "../base/units.ts";
import type { Plan } from "../cmdlet/cmdlet.ts";
import { mayRun } from "../cmdlet/execute.ts";
import type { ExecutionRecord } from "../cmdlet/execution.ts";
import type { OutputObject } from "../cmdlet/output-type.ts";
import type { CmdletRuns, RunRequest } from "./cmdlet-runs.ts";
import { type Answer, type ErrorBody, errorAnswer, faultStatus } from "./http-answer.ts";
import { tagHeaders, withCondition } from "./if-match.ts";
import { formatRecordLines, NDJSON_CONTENT_TYPE } from "./record-lines.ts";
import { type RestEndpoint, takesQuery } from "./rest-endpoint.ts";
import { BODY_BYTES_MAX, type KnownRequest, readBoundedBody } from "./run-route.ts";

/** Characters of an answer that is put together before it is sent; longer ones must be streamed. */
const ANSWER_CHARACTERS_MAX = 16 * MiB;

/** Runs the cmdlet of an endpoint; the answer is one JSON object, or records where asked for. */
export async function answerEndpoint(
  { runs, endpoint }: { readonly runs: CmdletRuns; readonly endpoint: RestEndpoint },
  known: KnownRequest,
): Promise<Answer> {
  const read = await readEndpointRequest(endpoint, known);
  if (!read.ok) return read.fault;
  const run = await runs.begin(read.value, known);
  if (!run.ok) return run.fault;
  if (wantsRecords(known.request)) {
    return { status: 200, type: NDJSON_CONTENT_TYPE, body: formatRecordLines(run.value) };
  }
  return collectAnswer(run.value, (objects) =>
    endpoint.method === "GET" ? tagHeaders(endpoint.cmdlet, read.value.parameters, objects) : {},
  );
}

/** With the condition of the request, if it is one that changes something. */
async function readEndpointRequest(
  endpoint: RestEndpoint,
  known: KnownRequest,
): Promise<Result<RunRequest, Answer>> {
  const read = await readParameters(endpoint, known);
  if (!read.ok || endpoint.method === "GET") return read;
  const { "if-match": header } = known.request.headers;
  const parameters = withCondition(endpoint.cmdlet, read.value.parameters, header);
  return parameters.ok ? ok({ ...read.value, parameters: parameters.value }) : parameters;
}

async function readParameters(
  endpoint: RestEndpoint,
  known: KnownRequest,
): Promise<Result<RunRequest, Answer>> {
  const { cmdlet } = endpoint;
  const query = readQuery(known.request.url ?? "");
  const { whatIf: whatIfText = "false", ...values } = query;
  if (whatIfText !== "true" && whatIfText !== "false") {
    return refuse("whatIf must be true or false");
  }
  const request = { cmdlet: cmdlet.name, whatIf: whatIfText === "true" };
  if (takesQuery(endpoint)) return ok({ ...request, parameters: values });
  const [other] = Object.keys(values);
  if (other !== undefined) {
    return refuse(`"${other}" belongs into the body; the query takes whatIf alone`);
  }
  if (isEmpty(known.request)) return ok({ ...request, parameters: {} });
  const { inputBytesMax = BODY_BYTES_MAX } = cmdlet;
  // Who may not run it anyway need not send more than is read of anybody.
  const bytesMax = mayRun(cmdlet, known.caller) ? inputBytesMax : BODY_BYTES_MAX;
  const body = await readBoundedBody(known.request, { caller: known.caller, bytesMax });
  return body.ok ? ok({ ...request, parameters: body.value.value }) : body;
}

/** A name that comes more than once is a list. */
function readQuery(url: string): Readonly<Record<string, string | readonly string[]>> {
  const at = url.indexOf("?");
  const search = new URLSearchParams(at < 0 ? "" : url.slice(at));
  return Object.fromEntries(
    [...new Set(search.keys())].map((name) => {
      const values = search.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}

function isEmpty({ headers }: IncomingMessage): boolean {
  if (headers["transfer-encoding"] !== undefined) return false;
  return Number(headers["content-length"] ?? 0) === 0;
}

function wantsRecords({ headers }: IncomingMessage): boolean {
  return (headers.accept ?? "")
    .split(",")
    .some((range) => range.split(";")[0]?.trim().toLowerCase() === NDJSON_CONTENT_TYPE);
}

async function collectAnswer(
  records: AsyncIterable<ExecutionRecord>,
  headersOf: (objects: readonly OutputObject[]) => Readonly<Record<string, string>>,
): Promise<Answer> {
  const objects: OutputObject[] = [];
  const values: string[] = [];
  const warnings: string[] = [];
  let characters = 0;
  let plan: Plan | undefined;
  for await (const record of records) {
    switch (record.kind) {
      case "object": {
        const json = JSON.stringify(record.value);
        values.push(json);
        // Nobody asks about more than one.
        if (objects.length < 2) objects.push(record.value);
        characters += json.length;
        if (characters > ANSWER_CHARACTERS_MAX) return tooMuch();
        break;
      }
      case "warning":
        warnings.push(record.text);
        characters += record.text.length;
        break;
      case "plan":
        plan = record.plan;
        break;
      case "failed":
        return faultOf(record);
      case "progress":
      case "done":
        break;
      default:
        return unreachable(record);
    }
  }
  const planned = plan === undefined ? "" : `"plan":${JSON.stringify(plan)},`;
  const told = JSON.stringify(warnings);
  const body = `{${planned}"value":[${values.join(",")}],"warnings":${told}}`;
  const type = "application/json; charset=utf-8";
  return { status: 200, type, headers: headersOf(objects), body };
}

function faultOf(record: Extract<ExecutionRecord, { readonly kind: "failed" }>): Answer {
  const { kind: _, ...error } = record;
  return errorAnswer(faultStatus(error), error satisfies ErrorBody);
}

function tooMuch(): Answer {
  const message =
    `the answer is too long for one JSON object: ask for less with ResultSize or Filter, ` +
    `or send "Accept: ${NDJSON_CONTENT_TYPE}"`;
  return errorAnswer(400, { code: "bad-parameter", message, parameter: "ResultSize" });
}

function refuse(message: string): Result<never, Answer> {
  return fault(errorAnswer(400, { code: "bad-parameter", message }));
}
