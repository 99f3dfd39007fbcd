import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startHop } from "../harness/hop.ts";
import { waitForMail } from "../harness/maildir.ts";
import { startClamd, startPythonMilter } from "../harness/scanners.ts";
import { later } from "../harness/scope.ts";
import { startServer } from "../harness/server.ts";
import { submit } from "../harness/transaction.ts";
import { startDnsServer } from "../peers/dns-server.ts";

/** Hears everything, reads all of it, and has nothing to say. */
const LISTENER = `
const read = async (event) => {
  if (event.content !== undefined) await event.content();
  if (event.headers !== undefined) await event.headers();
};
const names = ["OnMailCommand", "OnRcptCommand", "OnEndOfHeaders", "OnEndOfData",
  "OnSubmittedMessage", "OnResolvedMessage", "OnRoutedMessage", "OnCategorizedMessage"];
export default { events: Object.fromEntries(names.map((name) => [name, read])) };
`;

const never = (name: string, more: object) => ({ name, ...more, deleteMessage: true });

const POLICY = {
  transportRules: [
    never("Body", { subjectOrBodyMatchesPatterns: ["never ever in this corpus"] }),
    never("Attachment", { attachmentContainsWords: ["neverever"] }),
    never("Program", { attachmentHasExecutableContent: true }),
    never("Group", { sentTo: ["bob@contoso.test"] }),
  ],
  journalRules: [
    { name: "Bob", recipient: "bob@contoso.test", journalEmailAddress: "bob@contoso.test" },
  ],
  addressRewriteEntries: [
    { name: "Bob", internalAddress: "bob@contoso.test", externalAddress: "robert@contoso.test" },
  ],
  attachmentFilterListConfig: { action: "Strip" },
  contentFilterConfig: { enabled: true, source: "BuiltIn", sclRejectEnabled: false },
  backscatterProtectionConfig: { signingEnabled: true },
};

const PDF = Buffer.from("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "latin1").toString("base64");

const signed = [
  'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256;',
  '\tboundary="=_a b\'c"',
  "",
  "preamble \t ",
  "--=_a b'c",
  "Content-Type: text/plain; charset=iso-8859-1",
  "Content-Transfer-Encoding: 8bit",
  "",
  "Gr\xfc\xdfe\t \r\n\r\n. one dot\r\n..two\r\n-- \r\nFrom here",
  "--=_a b'c",
  "Content-Type: application/pkcs7-signature; name=smime.p7s",
  "Content-Transfer-Encoding: base64",
  "",
  "MIAGCSqGSIb3DQEHAqCAMIACAQExDzANBglghkgBZQMEAgEFADCABgkqhkiG9w0BBwE=",
  "--=_a b'c-- \t",
  "epilogue",
];

/** Fields and bodies that a server that reads and writes mail anew would change. */
const CORPUS: Readonly<Record<string, readonly string[]>> = {
  "signed, with blanks in its boundary": signed,
  encrypted: [
    'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=x',
    "",
    "--x\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--x",
    "Content-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----",
    "--x--",
  ],
  "fields of every form": [
    "x-ODD:no space",
    "X-Folded: one\r\n\ttwo\r\n   three ",
    "X-Twice: 1",
    "X-Twice: 2",
    "X-Empty:",
    "X-Latin: \xe4\xf6\xfc",
    "DKIM-Signature: v=1; a=rsa-sha256; d=client.test; s=s; h=from:to; bh=AA==; b=AA==",
    "Received: from a by b; Fri, 20 Nov 2026 10:00:00 +0000",
    "",
    "",
    "",
  ],
  Shift_JIS: ['Content-Type: text/html; charset="Shift_JIS"', "", "<p>\x83\x65\x83\x58\x83\x67"],
  "UTF-16 and its octets": [
    "Content-Type: text/plain; charset=utf-16le",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    "H=00e=00l=00l=00o=00=",
    "=20=",
  ],
  "an attachment": [
    "Content-Type: multipart/mixed; boundary=m",
    "",
    "--m\r\n\r\ntext\r\n--m",
    'Content-Type: application/pdf; name="=?utf-8?Q?=C3=A4?=.pdf"',
    `Content-Transfer-Encoding: BASE64\r\n\r\n${PDF}\r\n\r\n--m--`,
  ],
  "long lines": ["Content-Type: text/plain", "", "x".repeat(998), `${"y ".repeat(498)}.`],
  "MIME that does not end": ["Content-Type: multipart/mixed; boundary=never", "", "--never", ""],
};

async function open(t: TestContext) {
  const dns = await startDnsServer({});
  later(t, () => dns.close());
  const clamd = await startClamd(t);
  const milter = await startPythonMilter(t);
  const hop = await startHop(t, {
    port: await freePort(),
    extensions: ["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"],
  });
  const smtpPort = await freePort();
  const alice = {
    ...{ name: "alice", primarySmtpAddress: "alice@contoso.test" },
    ...{ forwardingAddress: "alice@fabrikam.test", deliverToMailboxAndForward: true },
  };
  const more = {
    ...POLICY,
    mailboxes: [alice, { name: "bob", primarySmtpAddress: "bob@contoso.test" }],
    malwareFilterConfig: { scanners: [`clamd:127.0.0.1:${clamd.port}`] },
    milters: [{ name: "Everything", endpoint: `127.0.0.1:${milter.port}` }],
  };
  const receiveConnector = { senderAuthenticationEnabled: true };
  const configuration = contoso({
    ...{ smtpPort, smartHostPort: hop.port, receiveConnector, more },
  });
  const server = await startServer(t, { configuration });
  const modulePath = join(server.dataFolder, "listener.js");
  await mkdir(server.dataFolder, { recursive: true });
  await writeFile(modulePath, LISTENER);
  const Name = "Listener";
  await runCmdlet(server, "Install-TransportAgent", { Name, ModulePath: modulePath });
  await runCmdlet(server, "Enable-TransportAgent", { Identity: Name });
  return { server, hop, smtpPort };
}

test("mail that nobody has to change passes byte for byte with all agents on", async (t) => {
  const { server, hop, smtpPort } = await open(t);
  const contents = Object.entries(CORPUS).map(([name, lines], index) => {
    const head = `From: ann@client.test\r\nTo: alice@contoso.test\r\nSubject:  ${name}  \r\n`;
    return `${head}X-Number: ${index}\r\n${lines.map((line) => `${line}\r\n`).join("")}`;
  });
  for (const content of contents) {
    await submit(smtpPort, {
      from: "<ann@client.test> BODY=8BITMIME",
      to: ["<alice@contoso.test>"],
      content: Buffer.from(content, "latin1"),
    });
  }
  const want = { address: "alice@contoso.test", count: contents.length };
  const delivered = await waitForMail(server.dataFolder, want);
  const forwarded = await eventually({ what: "all forwarded" }, () =>
    hop.messages.length === contents.length ? hop.messages : undefined,
  );
  const there = forwarded.map((message) => message.content.toString("latin1"));
  for (const content of contents) {
    for (const all of [delivered, there]) {
      const number = /X-Number: \d+\r\n/.exec(content)?.[0] ?? "";
      const found = all.find((one) => one.includes(number)) ?? "";
      // The one thing that somebody adds: this milter says how much it has seen.
      const got = found.replace(/^X-Body-Bytes: \d+\r\n/m, "");
      assert.equal(got.slice(-content.length), content);
      // What is in front of it are fields of ours.
      assert.match(
        got.slice(0, -content.length),
        /^(?:[\w-]+:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)*$/,
      );
    }
  }
});
