import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runCmdlet, tryCmdlet } from "../../test/harness/cmdlets.ts";
import { contoso } from "../../test/harness/contoso.ts";
import { eventually } from "../../test/harness/eventually.ts";
import { freePort } from "../../test/harness/free-port.ts";
import { prepareServer, type TestServer } from "../../test/harness/server.ts";
import { SmtpClient } from "../../test/harness/smtp-client.ts";
import { spawnToEnd } from "../child.ts";
import { processorTimeMs } from "../processor-time.ts";
import { configurationFor } from "../revision.ts";
import type { Figure, Round, Scenario } from "../scenario.ts";

const FILL = join(import.meta.dirname, "../fill-lists.ts");
const SETTLE_MS = 4_000;
const PAGE = { ResultSize: 100, ReturnPageInfo: true };
const KEPT = "kept@contoso.test";

/** What is asked for, and how long the server may compute for it. */
const LOOKS: readonly (readonly [string, string, object, number])[] = [
  ["quarantine: a page of all", "Get-QuarantineMessage", { ...PAGE, BookmarkIndex: 1 }, 2_000],
  ["… the next page", "Get-QuarantineMessage", { ...PAGE, BookmarkIndex: 501 }, 100],
  [
    "… sorted by subject",
    "Get-QuarantineMessage",
    { ...PAGE, BookmarkIndex: 1, SortOrder: "+Subject" },
    3_000,
  ],
  [
    "… messages by a filter",
    "Get-QuarantineMessage",
    { ...PAGE, BookmarkIndex: 1, Filter: "Subject -like '*99*'" },
    3_000,
  ],
  ["audit log: the newest 200", "Search-AdminAuditLog", { ResultSize: 200 }, 200],
  [
    "… the changes of one object",
    "Search-AdminAuditLog",
    { ResultSize: 200, ObjectIds: ["SendConnector c77"] },
    2_000,
  ],
  [
    "… of somebody who has changed nothing",
    "Search-AdminAuditLog",
    { ResultSize: 200, UserIds: ["nobody"] },
    2_000,
  ],
];

/** Long lists of administrators: the processor time that the server needs for looks at them. */
export const longLists: Scenario = {
  name: "long-lists",
  missing: () => undefined,
  async run(round: Round): Promise<readonly Figure[]> {
    const count = round.quick ? 5_000 : 100_000;
    const smtpPort = await freePort();
    const server = await prepareServer(round.scope, {
      root: round.root,
      configuration: await configurationFor(round.root, configurationOf(smtpPort)),
    });
    await server.start();
    await keepOne(server, smtpPort);
    await server.terminate();
    round.progress(`filling quarantine and audit log with ${count} each`);
    await spawnToEnd(process.execPath, [FILL, round.root, server.dataFolder, String(count)]);
    await server.start();
    await sleep(SETTLE_MS);
    const figures: Figure[] = [];
    for (const [what, cmdlet, parameters, must] of LOOKS) {
      round.progress(what);
      const beforeMs = await processorTimeMs(server.pid);
      const { failure } = await tryCmdlet(server, cmdlet, { ...parameters });
      if (failure !== undefined) throw new Error(failure.message);
      const value = (await processorTimeMs(server.pid)) - beforeMs;
      const name = what.startsWith("…") ? what : `${count} entries, ${what}`;
      figures.push({ name, value, unit: "ms", better: "lower", must });
    }
    return figures;
  },
};

function configurationOf(smtpPort: number) {
  return contoso({
    smtpPort,
    more: {
      mailboxes: [{ name: "kept", primarySmtpAddress: KEPT }],
      transportRules: [{ name: "Keep", sentTo: [KEPT], quarantine: true }],
    },
  });
}

async function keepOne(server: TestServer, port: number): Promise<void> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO bench.test", 250);
  const content = "From: a@fabrikam.test\r\nSubject: kept\r\n\r\nx";
  await client.sendMessage({ from: "a@fabrikam.test", to: [KEPT], content });
  await client.quit();
  await eventually({ what: "a message in quarantine" }, async () => {
    const kept = await runCmdlet(server, "Get-QuarantineMessage");
    return kept.length > 0 || undefined;
  });
}
