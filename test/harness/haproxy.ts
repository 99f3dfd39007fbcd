import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { later, type Scope } from "./scope.ts";
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
  const child = spawn("haproxy", ["-db", "-f", path], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  later(t, async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.kill("SIGTERM")) await ended;
  });
  await eventually({ what: "HAProxy's listeners" }, async () => {
    if (child.exitCode !== null) throw new Error(`haproxy ended: ${said}`);
    const answers = await Promise.all(ports.map(canConnect));
    return answers.every((answer) => answer) || undefined;
  });
  return ports;
}

const DEFAULTS = `defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s`;

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
