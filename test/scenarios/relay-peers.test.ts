import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { waitForRows } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { readNotices } from "../harness/notices.ts";
import { python } from "../harness/peers.ts";
import { type PostfixPeer, startPostfixPeer } from "../harness/postfix-peer.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { submit } from "../harness/transaction.ts";

interface Bench {
  readonly server: TestServer;
  readonly postfix: PostfixPeer;
  readonly smtpPort: number;
  readonly relayPort: number;
}

/** Each is the other's smart host. */
async function openBench(
  t: TestContext,
  settings: Readonly<Record<string, string>> = {},
): Promise<Bench> {
  const [smtpPort, relayPort] = [await freePort(), await freePort()];
  const postfix = await startPostfixPeer(t, { relayPort, settings });
  const configuration = contoso({ smtpPort, relayPort, smartHostPort: postfix.port });
  return { server: await startServer(t, { configuration }), postfix, smtpPort, relayPort };
}

const TEXT = "Grüße aus Köln = Cologne\r\n.\r\n..dots\r\ntrailing space \r\n";

function contentOf(id: string, body = TEXT): string {
  return (
    `Message-ID: <${id}@contoso.test>\r\nFrom: alice@contoso.test\r\nSubject: ${id}\r\n` +
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" +
    `Content-Transfer-Encoding: 8bit\r\n\r\n${body}`
  );
}

async function waitAtPostfix({ postfix }: Bench): Promise<string> {
  const want = { address: "all@fabrikam.test", count: 1 };
  const [message = ""] = await waitForMail(postfix.mailFolder, want);
  return message;
}

/** Header fields, unfolded, in order. */
function fieldsOf(message: string, name: string): readonly string[] {
  const [head = ""] = message.split(/\r?\n\r?\n/, 1);
  return head
    .replace(/\r?\n[ \t]+/g, " ")
    .split(/\r?\n/)
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
}

/** The body as a reader sees it, transfer encoding undone. */
async function readBody(message: string): Promise<string> {
  const program = `
import email, email.policy, sys
message = email.message_from_bytes(bytes.fromhex(sys.argv[1]), policy=email.policy.SMTP)
print(message.get_payload(decode=True).hex())
`;
  const { code, stdout, stderr } = await python(
    program,
    Buffer.from(message, "latin1").toString("hex"),
  );
  assert.equal(code, 0, stderr);
  return Buffer.from(stdout.trim(), "hex").toString("utf8").replace(/\r?\n/g, "\r\n");
}

test("to Postfix: over TLS, by BDAT, eight bits kept, the story told", async (t) => {
  const bench = await openBench(t);
  await submit(bench.relayPort, {
    from: "<alice@contoso.test> BODY=8BITMIME",
    to: ["<someone@fabrikam.test>"],
    content: contentOf("out"),
  });
  const message = await waitAtPostfix(bench);
  const [byPostfix = "", byUs = "", ...rest] = fieldsOf(message, "Received");
  assert.equal(rest.length, 0);
  assert.match(byPostfix, /from mail\.contoso\.test .*using TLSv1\.3 with cipher TLS_\w+/);
  assert.match(byPostfix, /by postfix\.test \(Postfix\) with ESMTPS /);
  assert.match(byUs, /from client\.example .*by mail\.contoso\.test .*with ESMTP/);
  assert.deepEqual(fieldsOf(message, "Content-Transfer-Encoding"), [
    "Content-Transfer-Encoding: 8bit",
  ]);
  assert.equal(await readBody(message), TEXT);
  const log = await bench.postfix.log();
  assert.match(log, /< unknown\[127\.0\.0\.1\]: BDAT \d+ LAST/);
  assert.doesNotMatch(log, /< unknown\[127\.0\.0\.1\]: DATA/);
  const rows = await waitForRows(bench.server, "<out@contoso.test>", { event: "SEND" });
  assert.match(rows.at(-1)?.["recipient-status"] ?? "", /^250 2\.0\.0 Ok: \d+ bytes queued as/);
  assert.equal(rows.at(-1)?.["server-hostname"], "postfix.test");
});

test("from Postfix: over TLS, and Received says so", async (t) => {
  const bench = await openBench(t);
  await submit(bench.postfix.port, {
    from: "<you@fabrikam.test> BODY=8BITMIME",
    to: ["<alice@contoso.test>", "<bob@contoso.test>"],
    content: contentOf("in"),
  });
  for (const address of ["alice@contoso.test", "bob@contoso.test"]) {
    const [message = ""] = await waitForMail(bench.server.dataFolder, { address, count: 1 });
    const [byUs = "", byPostfix = ""] = fieldsOf(message, "Received");
    assert.match(byUs, /^Received: from postfix\.test \(\[127\.0\.0\.1\]\)/);
    assert.match(byUs, /by mail\.contoso\.test .*with ESMTPS/);
    assert.match(byUs, /TLSv?1[._]3\b.*TLS_(?:AES|CHACHA20)_\w+/);
    assert.match(byPostfix, /by postfix\.test/);
    assert.equal(await readBody(message), TEXT);
  }
  assert.match(await bench.postfix.log(), /TLS connection established to 127\.0\.0\.1/);
});

test("to a Postfix without 8BITMIME and CHUNKING: converted, by DATA", async (t) => {
  const bench = await openBench(t, { smtpd_discard_ehlo_keywords: "8bitmime, chunking" });
  await submit(bench.relayPort, {
    from: "<alice@contoso.test> BODY=8BITMIME",
    to: ["<someone@fabrikam.test>"],
    content: contentOf("seven"),
  });
  const message = await waitAtPostfix(bench);
  assert.match(message, /^[\t\r\n\x20-\x7e]*$/);
  assert.equal(await readBody(message), TEXT);
  const log = await bench.postfix.log();
  assert.match(log, /< unknown\[127\.0\.0\.1\]: DATA/);
  assert.doesNotMatch(log, /: BDAT|BODY=8BITMIME/);
});

test("to a Postfix without TLS: in clear, since nothing demands more", async (t) => {
  const bench = await openBench(t, { smtpd_tls_security_level: "none" });
  await submit(bench.relayPort, {
    from: "<alice@contoso.test>",
    to: ["<someone@fabrikam.test>"],
    content: contentOf("clear", "x\r\n"),
  });
  const [byPostfix = ""] = fieldsOf(await waitAtPostfix(bench), "Received");
  assert.match(byPostfix, /by postfix\.test \(Postfix\) with ESMTP /);
});

test("international addresses go to Postfix, and come back where it has no SMTPUTF8", async (t) => {
  const transaction = {
    from: "<alice@contoso.test> BODY=8BITMIME SMTPUTF8",
    to: ["<jürgen@fabrikam.test>"],
    content: contentOf("utf8"),
  };
  const able = await openBench(t);
  await submit(able.relayPort, transaction);
  assert.match((await waitAtPostfix(able)).replace(/\r?\n[ \t]+/g, " "), /with UTF8SMTPS /);
  const unable = await openBench(t, { smtputf8_enable: "no" });
  await submit(unable.relayPort, transaction);
  const want = { address: "alice@contoso.test", count: 1 };
  const [notice] = await readNotices(await waitForMail(unable.server.dataFolder, want));
  assert.equal(notice?.recipients[0]?.["Status"], "5.6.7");
});

test("what Postfix refuses comes back to the sender in Postfix's words", async (t) => {
  const bench = await openBench(t);
  await submit(bench.relayPort, {
    from: "<alice@contoso.test>",
    to: ["<unknown@fabrikam.test>", "<someone@fabrikam.test>"],
    content: contentOf("refused", "x\r\n"),
  });
  await waitAtPostfix(bench);
  const want = { address: "alice@contoso.test", count: 1 };
  const [notice] = await readNotices(await waitForMail(bench.server.dataFolder, want));
  const [recipient = {}, ...rest] = notice?.recipients ?? [];
  assert.equal(rest.length, 0);
  assert.equal(recipient["Status"], "5.7.1");
  assert.equal(
    recipient["Diagnostic-Code"],
    "smtp;554 5.7.1 <unknown@fabrikam.test>: Recipient address rejected: Access denied",
  );
  assert.match(recipient["Remote-MTA"] ?? "", /^dns;\s*postfix\.test$/);
});

test("a ring between the two ends, and the sender hears of it once", async (t) => {
  const bench = await openBench(t);
  await submit(bench.relayPort, {
    from: "<alice@contoso.test>",
    to: ["<someone@elsewhere.test>"],
    content: contentOf("ring", "x\r\n"),
  });
  // Postfix reports it, since it is we who refuse; or we, when it is Postfix.
  const want = { address: "alice@contoso.test", count: 1 };
  const mail = await waitForMail(bench.server.dataFolder, want);
  assert.equal(mail.length, 1);
  assert.match(mail[0] ?? "", /^Status: 5\.4\.6\r?$/m);
  const passes = (mail[0] ?? "").match(/by mail\.contoso\.test/g)?.length ?? 0;
  assert.ok(passes <= 12, `${passes} passes`);
});

test("Python's smtplib: STARTTLS, many recipients, eight bits, UTF-8 addresses", async (t) => {
  const smtpPort = await freePort();
  const mailboxes = ["alice", "bob"].map((name) => ({
    name,
    primarySmtpAddress: `${name}@contoso.test`,
    ...(name === "bob" ? { emailAddresses: ["böb@contoso.test"] } : {}),
  }));
  const server = await startServer(t, {
    configuration: contoso({ smtpPort, more: { mailboxes } }),
  });
  const program = `
import smtplib, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), local_hostname="python.example") as client:
    client.starttls()
    client.ehlo()
    assert not client.has_extn("starttls")
    refused = client.sendmail(
        "söph@example.com", ["alice@contoso.test", "böb@contoso.test", "nobody@contoso.test"],
        "Subject: smtplib\\r\\n\\r\\nGrüße\\r\\n.\\r\\nend\\r\\n".encode(),
        mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    assert list(refused) == ["nobody@contoso.test"], refused
    assert refused["nobody@contoso.test"][0] == 550, refused
`;
  const sent = await python(program, String(smtpPort));
  assert.equal(sent.code, 0, sent.stderr);
  for (const address of ["alice@contoso.test", "bob@contoso.test"]) {
    const [message = ""] = await waitForMail(server.dataFolder, { address, count: 1 });
    const [received = ""] = fieldsOf(message, "Received");
    assert.match(received, /from python\.example .*with UTF8SMTPS.*TLS/);
    assert.equal(await readBody(message), "Grüße\r\n.\r\nend\r\n");
  }
});
