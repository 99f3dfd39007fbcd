import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { type TestContext, test } from "node:test";
import { sealMessage } from "mailauth/lib/arc/index.js";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import type { Zone } from "../../src/dns/zone.fake.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { later } from "../harness/scope.ts";
import { type Configuration, startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { submit } from "../harness/transaction.ts";
import { startDnsServer } from "../peers/dns-server.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PUBLISHED = publicKey.export({ type: "spki", format: "der" }).toString("base64");

const zone = (): Zone => ({
  "fabrikam.test": { TXT: ["v=spf1 ip4:127.0.0.1 -all"] },
  "_dmarc.fabrikam.test": { TXT: ["v=DMARC1; p=reject"] },
  "s1._domainkey.fabrikam.test": { TXT: [`v=DKIM1; p=${PUBLISHED}`] },
  "elsewhere.test": { TXT: ["v=spf1 -all"] },
  "1.0.0.127.in-addr.arpa": { PTR: ["client.fabrikam.test"] },
  "client.fabrikam.test": { A: ["127.0.0.1"] },
});

const CONTENT =
  "From: Ann <ann@fabrikam.test>\r\nTo: alice@contoso.test\r\nSubject: Hi\r\n\r\nHello\r\n";

async function openBench(t: TestContext, names: Zone, more: Configuration = {}) {
  const dns = await startDnsServer(names);
  later(t, () => dns.close());
  const port = await freePort();
  const internet = { dnsPort: dns.port, port: await freePort() };
  const receiveConnector = { senderAuthenticationEnabled: true, dmarcAction: "Reject" };
  const configuration = contoso({ smtpPort: port, internet, receiveConnector, more });
  const server = await startServer(t, { configuration });
  return {
    server,
    port,
    read: (count: number) =>
      waitForMail(server.dataFolder, { address: "alice@contoso.test", count }),
  };
}

const TO = ["<alice@contoso.test>"];

test("SPF, DKIM and DMARC of a stranger's mail are checked and written down", async (t) => {
  const { port, read } = await openBench(t, zone());
  const signature = {
    signingDomain: "fabrikam.test",
    selector: "s1",
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
  const { signatures } = await dkimSign(CONTENT, { ...signature, signatureData: [signature] });
  const forged = "Authentication-Results: (c) MAIL.contoso.test; dkim=pass header.d=bank.test\r\n";
  const content = forged + signatures + CONTENT;
  await submit(port, { from: "<bounce@elsewhere.test>", to: TO, content });
  await submit(port, { from: "<ann@fabrikam.test>", to: TO, content: CONTENT });
  const messages = await read(2);
  const [signed = "", sent = ""] = messages.toSorted((one, other) => other.length - one.length);
  assert.match(signed, /^Authentication-Results: mail\.contoso\.test;\r\n spf=fail /m);
  assert.match(
    signed,
    /^ dkim=pass header\.d=fabrikam\.test header\.s=s1 header\.a=rsa-sha256;\r$/m,
  );
  assert.match(signed, /^ dmarc=pass policy\.dmarc=reject header\.from=fabrikam\.test;\r$/m);
  assert.match(signed, /^ iprev=pass policy\.iprev=127\.0\.0\.1\r$/m);
  assert.match(signed, /^Received-SPF: Fail\r$/m);
  assert.doesNotMatch(signed, /bank\.test/);
  assert.match(sent, /^ spf=pass smtp\.mailfrom=fabrikam\.test;\r\n dkim=none;\r\n dmarc=pass /m);
});

test("mail that fails DMARC is refused where its domain asks for that", async (t) => {
  const { port } = await openBench(t, zone());
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  await client.command("MAIL FROM:<x@elsewhere.test>", 250);
  await client.command("RCPT TO:<alice@contoso.test>", 250);
  await client.command("DATA", 354);
  client.sendRaw(`${CONTENT}.\r\n`);
  const { lines } = await client.expect(550);
  assert.match(lines.join(), /5\.7\.1 .*DMARC policy of fabrikam\.test/);
  await client.quit();
});

test("without name servers mail is accepted, and nothing passes", async (t) => {
  const names = ["fabrikam.test", "_dmarc.fabrikam.test", "1.0.0.127.in-addr.arpa"];
  const dead: Zone = Object.fromEntries(names.map((name) => [name, { fault: "SERVFAIL" }]));
  const { port, read } = await openBench(t, dead);
  await submit(port, { from: "<ann@fabrikam.test>", to: TO, content: CONTENT });
  const [message = ""] = await read(1);
  assert.match(message, /spf=temperror/);
  assert.match(message, /dmarc=temperror/);
  assert.match(message, /iprev=temperror/);
});

test("mail that fails where its domain says quarantine waits there, and is let out", async (t) => {
  const names = { ...zone(), "_dmarc.fabrikam.test": { TXT: ["v=DMARC1; p=quarantine"] } };
  const { server, port, read } = await openBench(t, names);
  await submit(port, { from: "<x@elsewhere.test>", to: TO, content: CONTENT });
  const [kept, ...others] = await runCmdlet(server, "Get-QuarantineMessage");
  assert.equal(others.length, 0);
  assert.equal(kept?.["Type"], "Dmarc");
  assert.equal((await runCmdlet(server, "Get-SenderIdConfig")).length, 1);
  await runCmdlet(server, "Release-QuarantineMessage", {
    Identity: kept["Identity"],
    ReleaseToAll: true,
  });
  const [message = ""] = await read(1);
  assert.match(message, /^ dmarc=fail policy\.dmarc=quarantine header\.from=fabrikam\.test;\r$/m);
});

test("a trusted sealer's word counts, another's does not; stamps", async (t) => {
  const more = {
    senderIdConfig: { arcTrustedSealers: ["lists.test"], protectedNames: ["Alice Archer"] },
  };
  const names = {
    ...zone(),
    "s1._domainkey.lists.test": { TXT: [`v=DKIM1; p=${PUBLISHED}`] },
    "s1._domainkey.evil.test": { TXT: [`v=DKIM1; p=${PUBLISHED}`] },
  };
  const { port, read } = await openBench(t, names, more);
  const content = CONTENT.replace("Ann <", "Al\u0456ce Archer <");
  const seal = async (signingDomain: string) => {
    const made = await sealMessage(content, {
      ...{ signingDomain, selector: "s1", cv: "none" as const },
      privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      authResults: `mx.${signingDomain}; dmarc=pass header.from=fabrikam.test`,
    });
    return made.toString() + content;
  };
  await submit(port, { from: "<list@elsewhere.test>", to: TO, content: await seal("lists.test") });
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  const refused = await client.sendMessage({
    from: "list@elsewhere.test",
    to: ["alice@contoso.test"],
    content: Buffer.from(await seal("evil.test")),
  });
  assert.equal(refused.code, 550);
  const [message = ""] = await read(1);
  assert.match(message, /^ arc=pass;\r$/m);
  const stamp = "X-MS-Exchange-Organization-";
  for (const line of [
    `${stamp}Dmarc-Override: trusted_forwarder (arc=pass d=lists.test)`,
    `${stamp}Author-Check: ProtectedName`,
    `${stamp}SenderIdResult: Fail`,
  ]) {
    assert.ok(message.includes(`${line}\r\n`), line);
  }
  assert.match(message, /^X-MS-Exchange-Organization-Antispam-Report: .*P2:ProtectedName/ms);
});
