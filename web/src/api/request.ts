import { CmdletFault } from "./cmdlet-fault.ts";

/** Where the server's interface is. */
export const API_ROOT = "/api/v1";

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
    if (signal?.aborted) throw new CmdletFault({ code: "cancelled", message: "Cancelled." });
    throw new CmdletFault({
      code: "offline",
      message: "The server does not answer. Is it running, and is this machine connected?",
    });
  }
  if (response.ok) return response;
  const fault = await readFault(response);
  if (fault.code === "unauthorized" && !path.startsWith("/login")) own.onSignedOut();
  throw fault;
}

/** Sends it and reads the answer. */
export async function requestJson<Value>(request: ApiRequest): Promise<Value> {
  const response = await sendRequest(request);
  return (await response.json()) as Value;
}

async function readFault(response: Response): Promise<CmdletFault> {
  try {
    const { error } = await response.json();
    if (typeof error?.message === "string") return new CmdletFault(error);
  } catch {
    // Something between us and the server has answered; its status is all there is to say.
  }
  const message = `The server answered with status ${response.status}.`;
  return new CmdletFault({ code: "fault", message });
}
