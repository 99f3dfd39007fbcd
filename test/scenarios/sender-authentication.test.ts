import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { type TestContext, test } from "node:test";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import type { Zone } from "../../src/dns/zone.fake.ts";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { later } from "../harness/scope.ts";
import { startServer } from "../harness/server.ts";
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

async function openBench(t: TestContext, names: Zone) {
  const dns = await startDnsServer(names);
  later(t, () => dns.close());
  const port = await freePort();
  const internet = { dnsPort: dns.port, port: await freePort() };
  const receiveConnector = { senderAuthenticationEnabled: true, dmarcAction: "Reject" };
  const configuration = contoso({ smtpPort: port, internet, receiveConnector });
  const server = await startServer(t, { configuration });
  return {
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
