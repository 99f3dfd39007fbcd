import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { prepareServer, startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const CAROL = { name: "carol", primarySmtpAddress: "carol@contoso.test" };

/** The code that RCPT gets in a session of its own. */
async function tryRecipient(port: number, address: string): Promise<number> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  await client.command("MAIL FROM:<you@example.com>", 250);
  client.send(`RCPT TO:<${address}>`);
  const { code } = await client.reply();
  client.destroy();
  return code;
}

async function openServer(t: TestContext) {
  const smtpPort = await freePort();
  const configuration = contoso({ smtpPort });
  const withCarol = contoso({ smtpPort, more: { mailboxes: [CAROL] } });
  return { server: await startServer(t, { configuration }), smtpPort, withCarol };
}

test("SIGHUP brings a new configuration into force and drops no session", async (t) => {
  const { server, smtpPort, withCarol } = await openServer(t);
  const client = await SmtpClient.open(smtpPort);
  await client.command("EHLO client.example", 250);
  await client.command("MAIL FROM:<you@example.com>", 250);
  await client.command("RCPT TO:<alice@contoso.test>", 250);
  assert.equal(await tryRecipient(smtpPort, "carol@contoso.test"), 550);
  await server.configure(withCarol);
  server.signal("SIGHUP");
  await eventually({ what: "carol's mailbox" }, async () =>
    (await tryRecipient(smtpPort, "carol@contoso.test")) === 250 ? true : undefined,
  );
  assert.equal(await tryRecipient(smtpPort, "alice@contoso.test"), 550);
  await client.command("DATA", 354);
  client.sendRaw("Subject: x\r\n\r\nx\r\n.\r\n");
  await client.expect(250);
  await client.quit();
});

test("SIGHUP opens the port of a new connector and closes that of a removed one", async (t) => {
  const { server, smtpPort } = await openServer(t);
  const otherPort = await freePort();
  await server.configure(contoso({ smtpPort: otherPort }));
  server.signal("SIGHUP");
  await eventually({ what: "the new port" }, async () => {
    const client = await SmtpClient.open(otherPort).catch(() => undefined);
    client?.destroy();
    return client === undefined ? undefined : true;
  });
  await eventually({ what: "the old port closed" }, async () => {
    const client = await SmtpClient.open(smtpPort).catch(() => undefined);
    client?.destroy();
    return client === undefined ? true : undefined;
  });
});

test("SIGHUP with a wrong configuration changes nothing, and says what is wrong", async (t) => {
  const { server, smtpPort } = await openServer(t);
  const text = await readFile(server.configurationPath, "utf8");
  const wrong = text
    .replace("name: alice", "name: alicia\n    quota: 5")
    .replace(/^ +- name: bob[\s\S]*/m, "");
  await server.configureText(wrong);
  const line = wrong.split("\n").findIndex((content) => content.includes("quota: 5")) + 1;
  server.signal("SIGHUP");
  await eventually({ what: "the complaint" }, () =>
    server.output.includes(`postrider.yaml:${line}`) ? true : undefined,
  );
  assert.match(server.output, /quota/);
  assert.equal(await tryRecipient(smtpPort, "alice@contoso.test"), 250);
  assert.equal(await tryRecipient(smtpPort, "bob@contoso.test"), 250);
});

test("a server does not start with a wrong configuration", async (t) => {
  const configuration = { ...contoso({ smtpPort: await freePort() }), mailboxen: [] };
  const server = await prepareServer(t, { configuration });
  await assert.rejects(server.start(), /postrider\.yaml:\d+.*mailboxen.*mailboxes/s);
});
