import { CmdletFault } from "./cmdlet-fault.ts";
import { noteConnection } from "./connection.ts";
import { noteServerTime } from "./server-clock.ts";

/** Where the server's interface is. */
export const API_ROOT = "/api/v1";

/** There one comes in: who is not let in has lost no session. */
const ENTRANCES = /^\/(login|passkey|setup)/;

/** What every request of this page carries besides the cookie that scripts cannot see. */
const own: { csrfToken: string; onSignedOut: () => void } = {
  csrfToken: "",
  onSignedOut: () => undefined,
};

/** The token that proves a request to come from a page of ours; the session's answer has it. */
export function keepCsrfToken(token: string): void {
  own.csrfToken = token;
}

/** Called when the server no longer knows the session. */
export function onSignedOut(act: () => void): void {
  own.onSignedOut = act;
}

/** A request to the interface. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Behind API_ROOT. */
  readonly path: string;
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
  /** Sent by a clock, not by the administrator: it does not keep the session alive. */
  readonly isBackground?: true | undefined;
}

/** Sends it. @throws CmdletFault with the server's words, or `offline` when there are none. */
export async function sendRequest(request: ApiRequest): Promise<Response> {
  const { method, path, body, signal, isBackground } = request;
  const sentMs = Date.now();
  let response: Response;
  try {
    response = await fetch(API_ROOT + path, {
      method,
      credentials: "same-origin",
      redirect: "error",
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(method === "GET" ? {} : { "x-csrf-token": own.csrfToken }),
        ...(isBackground ? { "x-background": "1" } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch {
    throw brokenOff(signal);
  }
  if (!isOurs(response)) throw answeredByAnother(response);
  noteConnection({ isLost: false });
  noteServerTime(response.headers.get("date"), sentMs);
  if (response.ok) return response;
  const fault = await readFault(response);
  if (fault.code !== "unauthorized" || ENTRANCES.test(path)) throw fault;
  own.onSignedOut();
  // The server's words are for programs.
  const message = "Your session has ended. Nothing was done; sign in again.";
  throw new CmdletFault({ code: "unauthorized", message });
}

/** Sends it and reads the answer. */
export async function requestJson<Value>(request: ApiRequest): Promise<Value> {
  const response = await sendRequest(request);
  try {
    return (await response.json()) as Value;
  } catch {
    throw brokenOff(request.signal);
  }
}

/** Why an answer has not come, or not as a whole: given up here, or lost on the way. */
export function brokenOff(signal: AbortSignal | undefined): CmdletFault {
  if (signal?.aborted) return new CmdletFault({ code: "cancelled", message: "Cancelled." });
  noteConnection({ isLost: true });
  return new CmdletFault({
    code: "offline",
    message: "The server does not answer. Is it running, and is this machine connected?",
  });
}

/** Our server answers in two forms, whatever it has to say. */
function isOurs({ headers }: Response): boolean {
  return /^application\/(json|x-ndjson)\b/.test(headers.get("content-type") ?? "");
}

/** A proxy, a page that wants one to log on to a network. */
function answeredByAnother({ status }: Response): CmdletFault {
  noteConnection({ isLost: true });
  const message =
    `Something between this browser and the server answers in its place (status ${status}). ` +
    "Is the server running, and does the way to it work?";
  return new CmdletFault({ code: "offline", message });
}

async function readFault(response: Response): Promise<CmdletFault> {
  try {
    const { error } = await response.json();
    if (typeof error?.message === "string") return new CmdletFault(error);
  } catch {
    // Its status is all there is to say.
  }
  const { status } = response;
  const message =
    status === 503
      ? "The server is stopping, or just starting. Try again in a moment."
      : `The server answered with status ${status}.`;
  return new CmdletFault({ code: "fault", message });
}
