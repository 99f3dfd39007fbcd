import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { answers } from "./peers.ts";
import { startProgram } from "./program.ts";
import type { Scope } from "./scope.ts";
import { temporaryFolder } from "./server.ts";

/** A way through the balancer: what it says to the server behind it. */
export interface ProxyRoute {
  readonly serverPort: number;
  readonly header: "send-proxy" | "send-proxy-v2";
  /** Looks every 100 ms whether the server is there. */
  readonly checks?: boolean;
}

/** Starts HAProxy with one frontend on 127.0.0.1 per route, and returns their ports in order. */
export async function startHaproxy(
  t: Scope,
  routes: readonly ProxyRoute[],
): Promise<readonly number[]> {
  const folder = await temporaryFolder(t);
  const ports: number[] = [];
  const sections: string[] = [];
  for (const { serverPort, header, checks } of routes) {
    const port = await freePort();
    ports.push(port);
    const check = checks ? " check inter 100ms check-send-proxy" : "";
    sections.push(`listen door${port}
  bind 127.0.0.1:${port}
  server mail 127.0.0.1:${serverPort} ${header}${check}`);
  }
  const path = join(folder, "haproxy.cfg");
  await writeFile(path, `${DEFAULTS}\n${sections.join("\n")}\n`);
  await startProgram(t, {
    program: "haproxy",
    options: ["-db", "-f", path],
    what: "HAProxy's listeners",
    ready: async () => (await Promise.all(ports.map(answers))).every((answer) => answer),
  });
  return ports;
}

const DEFAULTS = `defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s`;
