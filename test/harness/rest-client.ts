import { readFile } from "node:fs/promises";
import {
  type RequestOptions as HttpOptions,
  type IncomingHttpHeaders,
  request as requestHttp,
} from "node:http";
import { request as requestHttps } from "node:https";
import { join } from "node:path";

/** What a server has answered. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** JSON, or the text that it was. */
  readonly body: unknown;
}

/** A request: `GET /api/v1/queue`. */
export interface RestRequest {
  readonly body?: unknown;
  readonly token?: string;
  /** Besides those that the above calls for. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends requests to a server's management port, or to its Unix socket as local root. */
export type RestClient = (what: string, request?: RestRequest) => Promise<RestAnswer>;

/** Over HTTPS, believing in the certificate that the server has made for itself. */
export async function openHttps(
  server: { readonly dataFolder: string },
  at: { readonly port: number; readonly name: string },
): Promise<RestClient> {
  const ca = await readFile(join(server.dataFolder, "certificates", "self-signed.crt"), "utf8");
  const { port, name: servername } = at;
  return (what, request = {}) =>
    exchange(what, request, (options) =>
      requestHttps({ ...options, host: "127.0.0.1", port, ca, servername }),
    );
}

/** Over the Unix socket. */
export function openSocket(server: { readonly dataFolder: string }): RestClient {
  const socketPath = join(server.dataFolder, "postrider.sock");
  return (what, request = {}) =>
    exchange(what, request, (options) => requestHttp({ ...options, socketPath }));
}

function exchange(
  what: string,
  { body, token, headers: others }: RestRequest,
  open: (options: HttpOptions) => ReturnType<typeof requestHttp>,
): Promise<RestAnswer> {
  const [method = "GET", path = "/"] = what.split(" ");
  const headers = {
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...others,
  };
  return new Promise((resolve, reject) => {
    const sent = open({ method, path, headers, agent: false });
    sent.on("error", reject);
    sent.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode: status = 0, headers: answered } = response;
        resolve({ status, headers: answered, body: read(text) });
      });
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
