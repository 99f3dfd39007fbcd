import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { attempt, attemptSlowly } from "../harness/attempt.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { GTUBE, startRspamd, startSpamd } from "../harness/scanners.ts";
import { later } from "../harness/scope.ts";
import { startServer } from "../harness/server.ts";
import { startDnsServer } from "../peers/dns-server.ts";

const HEADER =
  "From: Ann <ann@client.test>\r\nTo: alice@contoso.test\r\n" +
  "Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@client.test>\r\nSubject: hi";

async function openBench(t: TestContext, dnsPort?: number) {
  const port = await freePort();
  const internet = dnsPort === undefined ? undefined : { dnsPort, port: await freePort() };
  const configuration = contoso({ smtpPort: port, ...(internet && { internet }) });
  const server = await startServer(t, { configuration });
  return {
    server,
    set: (properties: Readonly<Record<string, unknown>>) =>
      runCmdlet(server, "Set-ContentFilterConfig", { ...properties, Force: true }),
    failMode: (FailMode: string) =>
      runCmdlet(server, "Set-TransportAgent", { Identity: "Content Filter Agent", FailMode }),
    send: (body: string, from = "ann@client.test") =>
      attempt(port, {
        from,
        to: ["alice@contoso.test"],
        content: `${HEADER}\r\n\r\n${body}\r\n`,
      }),
    read: (count: number) =>
      waitForMail(server.dataFolder, { address: "alice@contoso.test", count }),
  };
}

for (const [Source, start] of [
  ["Rspamd", startRspamd],
  ["SpamAssassin", startSpamd],
] as const) {
  test(`${Source}: GTUBE is refused or kept; what passes has its level`, async (t) => {
    const scanner = await start(t);
    const { set, send, read, failMode, server } = await openBench(t);
    await set({ Enabled: true, Source, Endpoint: `127.0.0.1:${scanner.port}` });
    assert.match(await send(GTUBE), /^550 5\.7\.1 Message rejected due to content restrictions/);
    assert.match(await send("how are you?"), /^250 /);
    const [honest = ""] = await read(1);
    assert.match(honest, /^X-MS-Exchange-Organization-SCL: [0-4]\r$/m);
    assert.match(
      honest,
      new RegExp(`^X-MS-Exchange-Organization-Antispam-Report:.*${Source}`, "m"),
    );
    const quarantine = { SCLQuarantineEnabled: true, SCLQuarantineThreshold: 7 };
    await set({ SCLRejectEnabled: false, ...quarantine });
    assert.match(await send(GTUBE), /^250 /);
    const kept = await eventually({ what: "a message in quarantine" }, async () => {
      const all = await runCmdlet(server, "Get-QuarantineMessage");
      return all.length > 0 ? all : undefined;
    });
    assert.equal(kept[0]?.["Type"], "Spam");
    await set({ BypassedSenderDomains: ["*.client.test"], Enabled: true });
    assert.match(await send(GTUBE), /^250 /);
    assert.match((await read(2)).join(""), /^X-MS-Exchange-Organization-SCL: -1\r$/m);
    await set({ BypassedSenderDomains: [] });
    await set({ ScanTimeout: "00:00:30" });
    const slow = await attemptSlowly(scanner, () => send(GTUBE));
    assert.match(slow, /^250 /);
    await set({ ScanTimeout: "00:00:02" });
    scanner.pause();
    assert.match(await send("hangs"), /^250 /);
    scanner.resume();
    await scanner.kill();
    const mail = (await read(3)).join("");
    assert.match(mail, /^X-MS-Exchange-Organization-Unchecked: Content Filter Agent\r$/m);
    await failMode("Defer");
    assert.match(await send("is gone"), /^451 4\.3\.0 /);
  });
}

test("our own rules: form, links in a list, phrases", async (t) => {
  const dns = await startDnsServer({ "evil.test.dbl.test": { A: ["127.0.1.2"] } });
  later(t, () => dns.close());
  const { set, send, read, server } = await openBench(t, dns.port);
  await set({ Enabled: true, Source: "BuiltIn", UrlBlockLists: ["dbl.test"] });
  assert.match(await send(GTUBE), /^550 5\.7\.1 /);
  assert.match(await send("see https://www.evil.test/x"), /^250 /);
  const [listed = ""] = await read(1);
  assert.match(listed, /^X-MS-Exchange-Organization-SCL: 4\r$/m);
  assert.match(listed, /Link:evil\.test/);
  await runCmdlet(server, "Add-ContentFilterPhrase", { Phrase: "act now", Influence: "BadWord" });
  assert.match(await send("please ACT\r\nnow"), /^550 5\.7\.1 /);
  await runCmdlet(server, "Set-ContentFilterPhrase", {
    Identity: "act now",
    Influence: "GoodWord",
  });
  assert.match(await send(`act now ${GTUBE}`), /^250 /);
  assert.match((await read(2)).join(""), /^X-MS-Exchange-Organization-SCL: 0\r$/m);
});
