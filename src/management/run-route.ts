import type { IncomingMessage, ServerResponse } from "node:http";
import { fault, ok, type Result } from "../base/result.ts";
import { MiB } from "../base/units.ts";
import type { CmdletTable } from "../cmdlet/cmdlet-table.ts";
import { mayRun } from "../cmdlet/execute.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import type { CmdletRuns, RunRequest } from "./cmdlet-runs.ts";
import { type Answer, errorAnswer } from "./http-answer.ts";
import { withCondition } from "./if-match.ts";
import { formatRecordLines, NDJSON_CONTENT_TYPE } from "./record-lines.ts";
import { isJsonObject, type JsonObject, readJsonBody } from "./request-body.ts";
import { RunSlots } from "./run-slots.ts";

/** Bytes of a body, unless the cmdlet takes more (`inputBytesMax`). */
export const BODY_BYTES_MAX: number = MiB;
/** Bodies longer than that which may be in memory at one time. */
const LARGE_BODIES_MAX = 2;

/** What running cmdlets by HTTP needs. */
export interface RunParts {
  readonly table: CmdletTable<never>;
  readonly runs: CmdletRuns;
}

/** A request whose caller is known. */
export interface KnownRequest {
  readonly caller: Caller;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const largeBodies = new RunSlots({ inAll: LARGE_BODIES_MAX, perCaller: LARGE_BODIES_MAX });

/** `POST /api/v1/run`: any cmdlet by its name, answered with its records as they come. */
export async function answerRun(parts: RunParts, known: KnownRequest): Promise<Answer> {
  const read = await readRun(parts.table, known);
  if (!read.ok) return read.fault;
  const conditional = withHeader(parts.table, read.value, known);
  if (!conditional.ok) return conditional.fault;
  const run = await parts.runs.begin(conditional.value, known);
  if (!run.ok) return run.fault;
  return { status: 200, type: NDJSON_CONTENT_TYPE, body: formatRecordLines(run.value) };
}

/** Whoever sets a condition must not be passed over because he has set it in the header. */
function withHeader(
  table: CmdletTable<never>,
  asked: RunRequest,
  { request }: KnownRequest,
): Result<RunRequest, Answer> {
  const cmdlet = table.find(asked.cmdlet);
  if (cmdlet === undefined || cmdlet.effect === "reads") return ok(asked);
  const parameters = withCondition(cmdlet, asked.parameters, request.headers["if-match"]);
  return parameters.ok ? ok({ ...asked, parameters: parameters.value }) : parameters;
}

async function readRun(
  table: CmdletTable<never>,
  { caller, request }: KnownRequest,
): Promise<Result<RunRequest, Answer>> {
  const most = table.all
    .filter((cmdlet) => mayRun(cmdlet, caller))
    .reduce((bytes, { inputBytesMax = 0 }) => Math.max(bytes, inputBytesMax), BODY_BYTES_MAX);
  const read = await readBoundedBody(request, { caller, bytesMax: most });
  if (!read.ok) return read;
  const asked = readRunRequest(read.value.value);
  if (!asked.ok) return asked;
  const own = table.find(asked.value.cmdlet)?.inputBytesMax ?? BODY_BYTES_MAX;
  return read.value.bytes > own ? fault(tooLong(own)) : asked;
}

/** As `readJsonBody`; few may be longer than BODY_BYTES_MAX at one time. */
export async function readBoundedBody(
  request: IncomingMessage,
  { caller, bytesMax }: { readonly caller: Caller; readonly bytesMax: number },
): ReturnType<typeof readJsonBody> {
  const length = Number(request.headers["content-length"] ?? Number.NaN);
  if (bytesMax <= BODY_BYTES_MAX || length <= BODY_BYTES_MAX) {
    return readJsonBody(request, { bytesMax: Math.min(bytesMax, BODY_BYTES_MAX) });
  }
  const release = largeBodies.take(caller.name);
  if (release === undefined) {
    const message = "other long requests are being read; try again when they are done";
    return fault(errorAnswer(503, { code: "unavailable", message }));
  }
  try {
    return await readJsonBody(request, { bytesMax });
  } finally {
    release();
  }
}

function readRunRequest(body: JsonObject): Result<RunRequest, Answer> {
  const { cmdlet, parameters = {}, whatIf = false, ...others } = body;
  const [other] = Object.keys(others);
  if (other !== undefined) return refuse(`the body has the unknown property "${other}"`);
  if (typeof cmdlet !== "string") return refuse('"cmdlet" must be the name of a cmdlet');
  if (!isJsonObject(parameters)) return refuse('"parameters" must be an object');
  if (typeof whatIf !== "boolean") return refuse('"whatIf" must be true or false');
  return ok({ cmdlet, parameters, whatIf });
}

function refuse(message: string): Result<never, Answer> {
  return fault(errorAnswer(400, { code: "bad-request", message }));
}

function tooLong(bytesMax: number): Answer {
  const message = `the body is longer than the ${bytesMax} bytes that this cmdlet takes`;
  return errorAnswer(413, { code: "bad-request", message });
}
