import { spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../test/harness/eventually.ts";
import { freePort } from "../test/harness/free-port.ts";
import { temporaryFolder } from "../test/harness/server.ts";
import { SmtpClient } from "../test/harness/smtp-client.ts";
import type { Round } from "./scenario.ts";

const SILENCE_MS = 20_000;

/** A sink that counts what it has taken. */
export interface CountingSink {
  readonly port: number;
  seen(): Promise<number>;
}

/** Starts Postfix's own sink; it ends with the round. */
export async function startCountingSink(round: Round): Promise<CountingSink> {
  const port = await freePort();
  const path = join(await temporaryFolder(round.scope), "sink");
  const file = await open(path, "w");
  const sink = spawn("smtp-sink", ["-c", "-u", "nobody", `127.0.0.1:${port}`, "1000"], {
    stdio: ["ignore", file.fd, "ignore"],
  });
  round.scope.after(async () => {
    sink.kill();
    await file.close();
  });
  await eventually({ what: "smtp-sink" }, async () => {
    const client = await SmtpClient.open(port).catch(() => undefined);
    client?.destroy();
    return client;
  });
  return {
    port,
    async seen() {
      const tail = (await readFile(path, "latin1")).slice(-400);
      const counts = [...tail.matchAll(/mesg=(\d+)/g)];
      return Number(counts.at(-1)?.[1] ?? 0);
    },
  };
}

/** Waits for that many messages; throws when none comes any more. */
export async function untilSeen(sink: CountingSink, wanted: number): Promise<void> {
  let last = -1;
  let heardMs = performance.now();
  for (;;) {
    const seen = await sink.seen();
    if (seen >= wanted) return;
    if (seen !== last) heardMs = performance.now();
    last = seen;
    if (performance.now() - heardMs > SILENCE_MS) {
      throw new Error(`the sink has ${seen} of ${wanted} messages: mail is missing or stuck`);
    }
    await sleep(20);
  }
}
