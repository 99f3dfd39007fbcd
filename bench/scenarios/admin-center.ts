import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium, type Page } from "@playwright/test";
import { runCmdlet } from "../../test/harness/cmdlets.ts";
import { contoso } from "../../test/harness/contoso.ts";
import { eventually } from "../../test/harness/eventually.ts";
import { freePort } from "../../test/harness/free-port.ts";
import { prepareServer } from "../../test/harness/server.ts";
import { SmtpClient } from "../../test/harness/smtp-client.ts";
import { startDnsServer } from "../../test/peers/dns-server.ts";
import { processorTimeMs } from "../processor-time.ts";
import { configurationFor } from "../revision.ts";
import type { Figure, Round, Scenario } from "../scenario.ts";

const CHROMIUM = "/usr/bin/chromium";
const PASSWORD = "correct horse battery";
const SIGN_INS = 5;
const RECIPIENTS_PER_MESSAGE = 100;
const MINUTE_MS = 60_000;

/** A page that shows 10,000 queues as they are: what it costs the browser, and the server. */
export const adminCenter: Scenario = {
  name: "admin-center",
  missing: () => (existsSync(CHROMIUM) ? undefined : "it needs Debian's package chromium"),
  async run(round: Round): Promise<readonly Figure[]> {
    const count = round.quick ? 1_000 : 10_000;
    const watchMs = round.quick ? 5_000 : 30_000;
    const { server, origin, relayPort } = await openServer(round, count);
    round.progress(`filling ${count} queues`);
    await fillQueues(relayPort, count);
    await eventually({ what: "queues that wait", withinMs: 3 * MINUTE_MS }, async () => {
      const digest = await runCmdlet(server, "Get-Queue", { Filter: "Status -eq 'Retry'" });
      return digest.length >= Math.min(1000, count) || undefined;
    });
    await sleep(watchMs / 2);
    const page = await openPage(round, origin);
    const firstMs = await measureSignIn(page.page, origin);
    await page.page.goto("about:blank");
    await sleep(watchMs / 5);
    round.progress("watching the server alone");
    const alone = await measureCpu({ server: server.pid }, watchMs);
    await page.page.goto(`${origin}/admin/queues`);
    await page.page.getByRole("row").nth(5).waitFor();
    await sleep(watchMs / 5);
    round.progress("watching the page");
    const watched = await measureCpu({ server: server.pid, browser: page.pid }, watchMs);
    const added = (watched["server"] ?? 0) - (alone["server"] ?? 0);
    const name = `live page of ${count} queues`;
    return [
      {
        ...{ name: "from sign-in to the first page", value: firstMs / 1000, unit: "s" },
        ...{ better: "lower", must: 1 },
      },
      {
        ...{ name: `${name}: browser, of one core`, value: watched["browser"] ?? 0, unit: "%" },
        ...{ better: "lower", must: 10 },
      },
      {
        ...{ name: `${name}: added to the server, of one core`, value: added, unit: "%" },
        ...{ better: "lower", must: 2 },
      },
    ];
  },
};

async function openServer(round: Round, count: number) {
  const domains = Array.from({ length: count }, (_, at) => `d${at}.example`);
  const dns = await startDnsServer(
    Object.fromEntries(domains.map((domain) => [domain, { A: ["127.0.0.1"] }])),
  );
  round.scope.after(() => dns.close());
  const [smtpPort, relayPort, adminPort] = [await freePort(), await freePort(), await freePort()];
  const configuration = contoso({
    ...{ smtpPort, relayPort, adminPort },
    // Nobody listens there.
    internet: { dnsPort: dns.port, port: await freePort() },
    transportService: { queueGlitchRetryCount: 0 },
  });
  const server = await prepareServer(round.scope, {
    root: round.root,
    configuration: await configurationFor(round.root, configuration),
  });
  await server.start();
  const administrator = { Name: "admin", Password: PASSWORD };
  await runCmdlet(server, "New-Administrator", {
    ...administrator,
    RoleGroups: ["Organization Management"],
  });
  return { server, relayPort, origin: `https://127.0.0.1:${adminPort}` };
}

/** One recipient in each domain. */
async function fillQueues(relayPort: number, count: number): Promise<void> {
  const client = await SmtpClient.open(relayPort);
  await client.command("EHLO [127.0.0.1]", 250);
  for (let first = 0; first < count; first += RECIPIENTS_PER_MESSAGE) {
    const to = Array.from(
      { length: RECIPIENTS_PER_MESSAGE },
      (_, at) => `x@d${first + at}.example`,
    );
    const content = "Subject: waits\r\n\r\nHello";
    const { code } = await client.sendMessage({ from: "a@fabrikam.test", to, content });
    if (code !== 250) throw new Error(`a message was answered with ${code}`);
  }
  client.socket.end();
}

async function openPage(round: Round, origin: string) {
  const isRoot = process.getuid?.() === 0;
  const launched = await chromium.launchServer({
    executablePath: CHROMIUM,
    args: isRoot ? ["--no-sandbox"] : [],
  });
  round.scope.after(() => launched.close());
  const browser = await chromium.connect(launched.wsEndpoint());
  const context = await browser.newContext({ ignoreHTTPSErrors: true, baseURL: origin });
  return { page: await context.newPage(), pid: launched.process().pid ?? 0 };
}

/** Milliseconds from the click to a page that can be used; the median of a few. */
async function measureSignIn(page: Page, origin: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < SIGN_INS; round += 1) {
    await page.context().clearCookies();
    await page.goto(`${origin}/admin/sign-in`);
    await page.getByRole("textbox", { name: "Name" }).fill("admin");
    await page.locator("input[type=password]").fill(PASSWORD);
    const startedMs = performance.now();
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
    times.push(performance.now() - startedMs);
  }
  return times.toSorted((left, right) => left - right)[Math.floor(SIGN_INS / 2)] ?? Number.NaN;
}

/** Processor time of processes in percent of one core. */
async function measureCpu(
  pids: Readonly<Record<string, number>>,
  spanMs: number,
): Promise<Readonly<Record<string, number>>> {
  const read = () =>
    Promise.all(
      Object.entries(pids).map(async ([name, pid]) => [name, await processorTimeMs(pid)] as const),
    );
  const before = new Map(await read());
  await sleep(spanMs);
  const after = await read();
  return Object.fromEntries(
    after.map(([name, ms]) => [name, (100 * (ms - (before.get(name) ?? 0))) / spanMs]),
  );
}
