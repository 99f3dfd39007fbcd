import { readFile } from "node:fs/promises";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { KiB, SECOND } from "../base/units.ts";
import type { FaultCode } from "../cmdlet/cmdlet-fault.ts";
import type { ExecutionRecord } from "../cmdlet/execution.ts";
import type { ArgumentValue } from "./argument-value.ts";
import { describeConnectFailure } from "./connect-failure.ts";
import { isObject, RecordFault, readRecords } from "./record-reader.ts";
import type { ServerPlace } from "./server-place.ts";

/** A cmdlet to be run by the server. */
export interface RunCall {
  readonly cmdlet: string;
  readonly parameters: Readonly<Record<string, ArgumentValue>>;
  readonly whatIf: boolean;
}

/** What a run puts out, or that there is no server to run it or it has gone. */
export type ClientRecord =
  | ExecutionRecord
  | { readonly kind: "unreachable"; readonly message: string };

/** Runs cmdlets on a server. */
export interface RunClient {
  /** The last record is `done`, `failed` or `unreachable`; never rejects. Aborting cancels. */
  readonly run: (call: RunCall, signal: AbortSignal) => AsyncIterable<ClientRecord>;
}

/** For the connection; a run itself may take as long as it likes. */
const CONNECT_TIMEOUT_MS = 10 * SECOND;
const KEEP_ALIVE_MS = 30 * SECOND;
const ERROR_CHARACTERS_MAX = 64 * KiB;

/** A client for a server at that place. Every run has a connection of its own. */
export function createRunClient(place: ServerPlace, clock: Clock): RunClient {
  return { run: (call, signal) => run({ place, clock, signal }, call) };
}

interface Context {
  readonly place: ServerPlace;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

async function* run(context: Context, call: RunCall): AsyncGenerator<ClientRecord> {
  const { place, signal } = context;
  let sent: ClientRequest | undefined;
  try {
    signal.throwIfAborted();
    sent = await openRequest(place);
    const response = await exchange(sent, context, JSON.stringify(call));
    if (response.statusCode === 200) yield* readAnswer(response);
    else yield await readError(response, place);
  } catch (error) {
    if (signal.aborted) yield { kind: "failed", code: "cancelled", message: "it was cancelled" };
    else yield { kind: "unreachable", message: await describeConnectFailure(error, place) };
  } finally {
    // A connection that closes is how the server learns that the run is cancelled.
    sent?.destroy();
  }
}

async function* readAnswer(response: IncomingMessage): AsyncGenerator<ClientRecord> {
  for await (const record of readRecords(response)) {
    yield record;
    if (record.kind === "done" || record.kind === "failed") return;
  }
  throw new RecordFault("the server ended the connection before the run was over");
}

async function openRequest(place: ServerPlace): Promise<ClientRequest> {
  const headers = {
    accept: "application/x-ndjson, application/json",
    "content-type": "application/json",
    "user-agent": "Postrider",
    connection: "close",
  };
  const options = { agent: false, method: "POST", path: "/api/v1/run" } as const;
  if (place.kind === "socket") {
    const socketPath = join(place.dataDirectory, "postrider.sock");
    return httpRequest({ ...options, socketPath, headers: { ...headers, host: "localhost" } });
  }
  const token = await readToken(place);
  const ca = place.caFile === undefined ? undefined : await readFile(place.caFile, "utf8");
  return httpsRequest(new URL(options.path, place.url), {
    ...options,
    headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    ...(ca !== undefined && { ca }),
  });
}

async function readToken(place: ServerPlace & { kind: "https" }): Promise<string | undefined> {
  if (place.tokenFile === undefined) return place.token;
  return (await readFile(place.tokenFile, "utf8")).trim();
}

function exchange(
  sent: ClientRequest,
  { clock, signal }: Context,
  body: string,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const timer = clock.startTimer(CONNECT_TIMEOUT_MS, () => {
    sent.destroy(Object.assign(new Error("timed out"), { code: "ETIMEDOUT" }));
  });
  const abort = () => sent.destroy(new Error("cancelled"));
  signal.addEventListener("abort", abort, { once: true });
  sent.once("close", () => signal.removeEventListener("abort", abort));
  sent.once("socket", (socket) => {
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.once("encrypted" in socket ? "secureConnect" : "connect", () => timer.cancel());
  });
  sent.once("response", (response) => {
    response.setEncoding("utf8");
    // What goes wrong from here on is thrown by whoever reads it.
    response.on("error", () => undefined);
    resolve(response);
  });
  sent.on("error", reject);
  sent.end(body);
  return promise.finally(() => timer.cancel());
}

/** Codes of answers that are no run, as those of runs. */
const CODES: Readonly<Record<string, FaultCode>> = {
  "bad-request": "bad-parameter",
  unauthorized: "forbidden",
  "too-many-requests": "unavailable",
};

async function readError(response: IncomingMessage, place: ServerPlace): Promise<ClientRecord> {
  let text = "";
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > ERROR_CHARACTERS_MAX) break;
  }
  const status = response.statusCode ?? 0;
  const error = parseError(text);
  if (error === undefined) {
    const message = `what answers there with status ${status} is no Postrider server`;
    return { kind: "unreachable", message };
  }
  const code = CODES[error.code] ?? error.code;
  const hint = status === 401 && place.kind === "https" ? loginHint(place) : "";
  return { kind: "failed", ...error, code, message: error.message + hint };
}

function loginHint({ token, tokenFile }: ServerPlace & { kind: "https" }): string {
  const isGiven = token !== undefined || tokenFile !== undefined;
  if (isGiven) return " The token may have expired or been removed.";
  return " Give a token with --token-file FILE or in POSTRIDER_TOKEN.";
}

interface ServerError {
  readonly code: FaultCode;
  readonly message: string;
  readonly parameter?: string;
  readonly at?: number;
}

function parseError(text: string): ServerError | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const error = isObject(json) ? json["error"] : undefined;
  if (!isObject(error)) return undefined;
  const { code, message, parameter, at } = error;
  if (typeof code !== "string" || typeof message !== "string") return undefined;
  return {
    // Unknown codes of a newer server are failures like any other.
    code: code as FaultCode,
    message,
    ...(typeof parameter === "string" && { parameter }),
    ...(typeof at === "number" && { at }),
  };
}
