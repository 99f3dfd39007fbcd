import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { eventually } from "../test/harness/eventually.ts";
import { run } from "../test/harness/peers.ts";
import type { Scope } from "../test/harness/scope.ts";
import { SmtpClient } from "../test/harness/smtp-client.ts";

/** What keeps Postfix's load generator and sink from running; `undefined` when they can. */
export function missingPostfixTools(): string | undefined {
  const folders = `${process.env["PATH"] ?? ""}${delimiter}/usr/sbin`.split(delimiter);
  const found = folders.some((folder) => existsSync(join(folder, "smtp-source")));
  if (!found) return "smtp-source is missing: install Debian's postfix package";
  return process.getuid?.() === 0 ? undefined : "smtp-sink needs root";
}

/** Postfix's sink: takes and forgets all mail. */
export async function startSmtpSink(scope: Scope, port: number): Promise<void> {
  const sink = spawn("smtp-sink", ["-u", "nobody", `127.0.0.1:${port}`, "1000"], {
    stdio: "ignore",
  });
  scope.after(() => {
    sink.kill();
  });
  await eventually({ what: "smtp-sink" }, async () => {
    const client = await SmtpClient.open(port).catch(() => undefined);
    client?.destroy();
    return client;
  });
}

/** Sends messages with Postfix's generator on persistent connections; 250s per second. */
export async function measureAcceptRate(
  port: number,
  load: { readonly messages: number; readonly bytes: number; readonly to: string },
): Promise<number> {
  const startedMs = performance.now();
  const options = ["-d", "-s", "50", "-m", String(load.messages), "-l", String(load.bytes), "-N"];
  const envelope = ["-f", "sender@bench.test", "-t", load.to, `127.0.0.1:${port}`];
  const { code, stderr } = await run("smtp-source", [...options, ...envelope]);
  if (code !== 0) throw new Error(`smtp-source failed: ${stderr.slice(-300)}`);
  return (load.messages * 1000) / (performance.now() - startedMs);
}
