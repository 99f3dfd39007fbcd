import { readdir, readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { MiB } from "../base/units.ts";
import type { OtherServers } from "../cmdlets/queues/services.ts";

/** Answers are read whole. */
const ANSWER_BYTES_MAX = 256 * MiB;
const SERVER_FILE = /^([a-z0-9](?:[a-z0-9.-]{0,253}))\.json$/;

/** What a file in `servers` says. */
interface ServerFile {
  /** What its certificate has to prove, whatever host the URL has. */
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly certificate: string | undefined;
}

/** The servers that have a file in the folder `servers` of the data directory. */
export function openOtherServers(parts: {
  readonly dataDirectory: string;
  readonly clock: Clock;
}): OtherServers {
  const folder = join(parts.dataDirectory, "servers");
  return {
    async names() {
      const files = await readdir(folder).catch(() => []);
      return files.flatMap((file) => SERVER_FILE.exec(file)?.[1] ?? []).sort();
    },
    async run(server, { cmdlet, parameters, timeoutMs }) {
      const file = await readServerFile(join(folder, `${server}.json`), server);
      const body = JSON.stringify({ cmdlet, parameters, whatIf: false });
      const text = await post(file, body, { clock: parts.clock, timeoutMs });
      return readRecords(text);
    },
  };
}

async function readServerFile(path: string, name: string): Promise<ServerFile> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch {
    // The text of the error could repeat the token.
    throw new Error(`${path} cannot be read as JSON`);
  }
  const { url, token, certificate } = Object(value) as Readonly<Record<string, unknown>>;
  if (typeof url !== "string" || !url.startsWith("https://") || typeof token !== "string") {
    throw new Error(`${path} must have "url" (https://…) and "token"`);
  }
  return {
    name,
    url,
    token,
    certificate: typeof certificate === "string" ? certificate : undefined,
  };
}

function post(
  { name, url, token, certificate }: ServerFile,
  body: string,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = request(new URL("/api/v1/run", url), {
    method: "POST",
    agent: false,
    servername: name,
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/x-ndjson",
      "content-type": "application/json",
    },
    ...(certificate !== undefined && { ca: certificate }),
  });
  const timer = clock.startTimer(timeoutMs, () => sent.destroy(new Error("it took too long")));
  sent.on("error", reject);
  sent.on("response", (response) => {
    response.setEncoding("utf8");
    let text = "";
    response.on("data", (chunk: string) => {
      text += chunk;
      if (text.length > ANSWER_BYTES_MAX) sent.destroy(new Error("its answer is too long"));
    });
    response.on("error", reject);
    response.on("end", () => {
      if (response.statusCode === 200) resolve(text);
      else reject(new Error(`it answered with status ${response.statusCode}`));
    });
  });
  sent.on("close", () => timer.cancel());
  sent.end(body);
  return promise;
}

function readRecords(text: string): readonly Readonly<Record<string, unknown>>[] {
  const objects: Readonly<Record<string, unknown>>[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const record = Object(JSON.parse(line)) as Readonly<Record<string, unknown>>;
    if (record["kind"] === "object") objects.push(Object(record["value"]));
    if (record["kind"] === "failed") throw new Error(String(record["message"]));
    if (record["kind"] === "done") return objects;
  }
  throw new Error("its answer broke off");
}
