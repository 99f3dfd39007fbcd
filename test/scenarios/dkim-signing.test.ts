import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { type TestContext, test } from "node:test";
import type { OutputObject } from "../../src/cmdlet/output-type.ts";
import { formatKeyRecord } from "../../src/dkim/private-key.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { askDkimVerifiers } from "../harness/dkim-verifiers.ts";
import { eventually } from "../harness/eventually.ts";
import { waitForRows } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { startHop } from "../harness/hop.ts";
import { run } from "../harness/peers.ts";
import { type Configuration, startServer } from "../harness/server.ts";
import { type SinkMessage, startSink } from "../harness/sink.ts";
import { submit } from "../harness/transaction.ts";

const RSA = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const ED25519 = generateKeyPairSync("ed25519").privateKey;
const RECORDS = {
  "r1._domainkey.contoso.test": formatKeyRecord(RSA),
  "e1._domainkey.contoso.test": formatKeyRecord(ED25519),
};
const CONFIG: Configuration = {
  name: "contoso.test",
  enabled: true,
  rsaKey: {
    selector: "r1",
    privateKey: RSA.export({ format: "pem", type: "pkcs8" }).toString(),
  },
  ed25519Key: {
    selector: "e1",
    privateKey: ED25519.export({ format: "der", type: "pkcs8" }).toString("base64"),
  },
};
const BOTH = { r1: "pass", e1: "pass" };

async function openBench(
  t: TestContext,
  more: { readonly config?: Configuration; readonly extensions?: readonly string[] } = {},
) {
  const [smtpPort, relayPort, smartHostPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const { extensions, config = CONFIG } = more;
  const sink = await startSink(t, {
    port: smartHostPort,
    ...(extensions === undefined ? {} : { extensions }),
  });
  const base = contoso({
    smtpPort,
    relayPort,
    smartHostPort,
    receiveConnector: {
      authMechanism: ["Tls", "BasicAuth", "BasicAuthRequireTLS"],
      permissionGroups: ["AnonymousUsers", "ExchangeUsers"],
    },
    more: {
      dkimSigningConfigs: [config],
      mailContacts: [
        {
          name: "carol",
          primarySmtpAddress: "carol@contoso.test",
          externalEmailAddress: "carol@fabrikam.test",
        },
      ],
    },
  });
  const server = await startServer(t, { configuration: base });
  const arrived = (id: string): Promise<SinkMessage> =>
    eventually({ what: `message ${id}` }, () =>
      sink.messages.find(({ content }) => content.includes(id)),
    );
  return { server, smtpPort, relayPort, arrived };
}

function letter(id: string, body = "One.  \r\n\r\n.two\t three\r\n\r\n"): string {
  return (
    `From: Alice <alice@contoso.test>\r\nTo: dave@fabrikam.test\r\nSubject: ${id}\r\n` +
    `Message-ID: <${id}@contoso.test>\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700\r\n\r\n${body}`
  );
}

function countSignatures({ content }: SinkMessage): number {
  const header = content.slice(0, content.indexOf("\r\n\r\n"));
  return header.match(/^DKIM-Signature:/gim)?.length ?? 0;
}

test("a user's mail leaves with two signatures that others verify", async (t) => {
  const { smtpPort, arrived } = await openBench(t);
  const sent = await run("swaks", [
    ...["--server", "127.0.0.1", "--port", String(smtpPort), "--tls"],
    ...["--auth", "PLAIN", "--auth-user", "alice@contoso.test"],
    ...["--auth-password", "correct horse", "--from", "alice@contoso.test"],
    ...["--to", "dave@fabrikam.test", "--header", "Subject: from-swaks"],
  ]);
  assert.equal(sent.code, 0, sent.stdout);
  const message = await arrived("from-swaks");
  assert.equal(countSignatures(message), 2);
  const opinions = await askDkimVerifiers(t, message.content, RECORDS);
  assert.deepEqual(opinions.dkimpy, BOTH);
  assert.deepEqual(opinions.openDkim, BOTH);
  assert.equal(opinions.mailDkim["r1"], "pass");
});

test("one byte flipped, in a header or in the body: nobody verifies it", async (t) => {
  const { relayPort, arrived } = await openBench(t);
  const envelope = { from: "<alice@contoso.test>", to: ["<dave@fabrikam.test>"] };
  await submit(relayPort, { ...envelope, content: letter("flipped") });
  const { content } = await arrived("flipped");
  for (const [was, is] of [
    ["Subject: flipped", "Subject: flipper"],
    ["two\t three", "twp\t three"],
    ["From: Alice", "From: Alicf"],
    ["\r\n\r\n", "\r\nSubject: more\r\n\r\n"],
  ] as const) {
    assert.ok(content.includes(was));
    const changed = content.replace(was, is);
    const { dkimpy, mailDkim, openDkim } = await askDkimVerifiers(t, changed, RECORDS);
    assert.deepEqual(Object.keys(dkimpy).sort(), ["e1", "r1"]);
    const all = [dkimpy, mailDkim, openDkim].flatMap((one) => Object.values(one));
    assert.ok(!all.includes("pass"), `${is}: ${JSON.stringify([dkimpy, mailDkim, openDkim])}`);
  }
});

test("what a stranger sends in our name is not signed on its way to a contact", async (t) => {
  const { smtpPort, arrived } = await openBench(t);
  const envelope = { from: "<eve@litware.test>", to: ["<carol@contoso.test>"] };
  await submit(smtpPort, { ...envelope, content: letter("forged") });
  assert.equal(countSignatures(await arrived("forged")), 0);
});

test("another domain's mail is not signed", async (t) => {
  const { relayPort, arrived } = await openBench(t);
  const content = letter("theirs").replace("alice@contoso.test", "alice@sales.contoso.test");
  const envelope = { from: "<alice@contoso.test>", to: ["<dave@fabrikam.test>"] };
  await submit(relayPort, { ...envelope, content });
  assert.equal(countSignatures(await arrived("theirs")), 0);
});

test("converted for a host without 8BITMIME, it is signed as it goes out", async (t) => {
  const { relayPort, arrived } = await openBench(t, { extensions: [] });
  const content = letter("converted", "Gr\u00fc\u00dfe\r\n").replace(
    "\r\n\r\n",
    "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" +
      "Content-Transfer-Encoding: 8bit\r\n\r\n",
  );
  const envelope = { from: "<alice@contoso.test> BODY=8BITMIME", to: ["<dave@fabrikam.test>"] };
  await submit(relayPort, { ...envelope, content });
  const message = await arrived("converted");
  assert.match(message.content, /^Content-Transfer-Encoding: (?:base64|quoted-printable)/im);
  const opinions = await askDkimVerifiers(t, message.content, RECORDS);
  assert.deepEqual(opinions.dkimpy, BOTH);
  assert.deepEqual(opinions.openDkim, BOTH);
});

test("binary content that goes out by BDAT is signed as it is", async (t) => {
  const hop = await startHop(t, {
    port: await freePort(),
    extensions: ["PIPELINING", "8BITMIME", "CHUNKING", "BINARYMIME"],
  });
  const relayPort = await freePort();
  const configuration = contoso({
    ...{ smtpPort: await freePort(), relayPort, smartHostPort: hop.port },
    more: { dkimSigningConfigs: [CONFIG] },
  });
  await startServer(t, { configuration });
  // Other people's verifiers make a CRLF of a CR or LF that stands alone.
  const octets = Array.from({ length: 4096 }, (_, index) => (index * 7) & 255);
  const bytes = Buffer.from(octets.filter((octet) => octet !== 10 && octet !== 13));
  const header = letter("binary", "").replace(
    "\r\n\r\n",
    "\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n" +
      "Content-Transfer-Encoding: binary\r\n\r\n",
  );
  const content = Buffer.concat([Buffer.from(header), bytes, Buffer.from("\r\n")]);
  const envelope = { from: "<alice@contoso.test> BODY=BINARYMIME", to: ["<dave@fabrikam.test>"] };
  await submit(relayPort, { ...envelope, content, chunkBytes: 1000 });
  const message = await eventually({ what: "the message" }, () => hop.messages[0]);
  assert.equal(message.transfer, "BDAT");
  assert.ok(message.content.includes(bytes), "byte for byte");
  const opinions = await askDkimVerifiers(t, message.content.toString("latin1"), RECORDS);
  assert.deepEqual(opinions.dkimpy, BOTH);
});

test("by cmdlet, from nothing to signed mail, and through a rotation", async (t) => {
  const { server, relayPort, arrived } = await openBench(t, { config: { name: "other.test" } });
  const Identity = "contoso.test";
  const envelope = { from: "<alice@contoso.test>", to: ["<dave@fabrikam.test>"] };
  const [made] = await runCmdlet(server, "New-DkimSigningConfig", { DomainName: Identity });
  await submit(relayPort, { ...envelope, content: letter("before") });
  assert.equal(countSignatures(await arrived("before")), 0, "it is not enabled yet");
  await runCmdlet(server, "Set-DkimSigningConfig", { Identity, Enabled: true });
  await submit(relayPort, { ...envelope, content: letter("enabled") });
  const enabled = await arrived("enabled");
  assert.deepEqual(
    Object.values((await askDkimVerifiers(t, enabled.content, zoneOf(made))).dkimpy),
    ["pass", "pass"],
  );
  const [rotated] = await runCmdlet(server, "Rotate-DkimSigningConfig", { Identity });
  const RotateOnDate = "2020-01-01T00:00:00Z";
  await runCmdlet(server, "Set-DkimSigningConfig", { Identity, RotateOnDate });
  await submit(relayPort, { ...envelope, content: letter("rotated") });
  const { content } = await arrived("rotated");
  const { openDkim } = await askDkimVerifiers(t, content, zoneOf(rotated));
  assert.deepEqual(Object.values(openDkim), ["pass", "pass"]);
  const before = Object.keys(zoneOf(made)).map((name) => name.split(".")[0]);
  assert.ok(
    !Object.keys(openDkim).some((selector) => before.includes(selector)),
    "by the new keys",
  );
});

/** Records by their names, from lines of a zone file. */
function zoneOf(shown: OutputObject | undefined): Readonly<Record<string, string>> {
  const lines = shown?.["DnsRecords"];
  assert.ok(Array.isArray(lines));
  return Object.fromEntries(
    lines.map((line) => {
      const [name = "", strings = ""] = String(line).split(". IN TXT ");
      return [name, strings.replaceAll(/" "|"/g, "")];
    }),
  );
}

test("a key that cannot be opened: the mail waits, and the log says what to do", async (t) => {
  const sealed = { selector: "r1", privateKey: "sealed:v1:AAAA" };
  const { server, relayPort } = await openBench(t, { config: { ...CONFIG, rsaKey: sealed } });
  const envelope = { from: "<alice@contoso.test>", to: ["<dave@fabrikam.test>"] };
  await submit(relayPort, { ...envelope, content: letter("waits") });
  const rows = await waitForRows(server, "<waits@contoso.test>", { event: "DEFER" });
  assert.match(JSON.stringify(rows), /4\.7\.5/);
  assert.match(server.output, /dkim-key-unreadable/);
});
