import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { contoso } from "../../test/harness/contoso.ts";
import { freePort } from "../../test/harness/free-port.ts";
import { readMemory } from "../../test/harness/memory.ts";
import { startServer } from "../../test/harness/server.ts";
import { SmtpClient } from "../../test/harness/smtp-client.ts";
import { configurationFor } from "../revision.ts";
import type { Figure, Round, Scenario } from "../scenario.ts";

const KiB = 1024;
const SETTLE_MS = 3_000;
const CLIENT = join(import.meta.dirname, "../idle-client.ts");
// Both ends need a file descriptor per session.
const WITH_MANY_FILES = ["sh", "-c", 'ulimit -n "$(ulimit -Hn)" && exec "$@"', "sh"];

/** Memory that a session costs which has greeted and says nothing. */
export const idleSessions: Scenario = {
  name: "idle-sessions",
  missing: () => undefined,
  async run(round: Round): Promise<readonly Figure[]> {
    const count = round.quick ? 1_000 : 10_000;
    const smtpPort = await freePort();
    const server = await startServer(round.scope, {
      configuration: await configurationFor(round.root, contoso({ smtpPort })),
      root: round.root,
      wrapper: WITH_MANY_FILES,
    });
    const first = await SmtpClient.open(smtpPort);
    await first.command("EHLO first.test", 250);
    await sleep(SETTLE_MS);
    const before = await readMemory(server.pid, "resident");
    const [program = "", ...options] = [...WITH_MANY_FILES, process.execPath, CLIENT];
    const child = spawn(program, [...options, String(smtpPort), String(count)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    round.scope.after(() => {
      child.kill();
    });
    round.progress(`opening ${count} sessions`);
    await once(child.stdout, "data");
    await sleep(SETTLE_MS);
    const growth = (await readMemory(server.pid, "resident")) - before;
    child.stdin.end();
    await once(child, "exit");
    first.destroy();
    const value = growth / count / KiB;
    const name = `${count} idle sessions: memory each`;
    return [{ name, value, unit: "KiB", better: "lower", must: 12, aim: 6 }];
  },
};
