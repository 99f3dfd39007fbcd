import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { zipOf } from "../../src/content/archive.fake.ts";
import { lines, multipart } from "../../src/content/message.fake.ts";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { measureGrowth } from "../harness/memory.ts";
import { startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { transact } from "../harness/transaction.ts";

const MiB = 1024 * 1024;
/** What reading one message may cost, garbage that is not collected yet included. */
const GROWTH_BYTES_MAX = 1024 * MiB;
const FROM = "<ann@fabrikam.test>";
const TO = ["<bob@contoso.test>"];

/** A server that looks into attachments of strangers' mail. */
async function openBench(t: TestContext) {
  const smtpPort = await freePort();
  const more = { attachmentFilterEntries: [{ name: "FileName:*.exe" }] };
  const receiveConnector = { xclientSources: ["127.0.0.1"], remoteIPRanges: ["0.0.0.0/0", "::/0"] };
  const configuration = contoso({ smtpPort, receiveConnector, more });
  const server = await startServer(t, { configuration });
  const stranger = async () => {
    const client = await SmtpClient.open(smtpPort);
    await client.command("EHLO speaker.example", 250);
    await client.command("XCLIENT ADDR=192.0.2.9", 220);
    await client.command("EHLO client.example", 250);
    return client;
  };
  return { server, stranger };
}

function attached(name: string, bytes: Buffer): Buffer {
  const encoded = bytes.toString("base64").replace(/.{76}/g, "$&\r\n");
  const part = [
    `Content-Disposition: attachment; filename="${name}"`,
    "Content-Transfer-Encoding: base64",
    "",
    encoded,
  ];
  return lines("Subject: hostile", ...multipart("mixed", [["", "Hi"], part]));
}

/** 64 archives in one, each of which would unpack to 256 MiB. */
function archiveBomb(): Buffer {
  const zeros = Buffer.alloc(16 * MiB);
  const inner = zipOf(
    Array.from({ length: 16 }, (_, index) => ({ name: `${index}`, content: zeros })),
  );
  return zipOf(
    Array.from({ length: 64 }, (_, index) => ({ name: `${index}.zip`, content: inner })),
  );
}

function nested(depth: number): Buffer {
  const open = Array.from({ length: depth }, (_, index) => [
    `Content-Type: multipart/mixed; boundary=b${index}`,
    "",
    `--b${index}`,
  ]);
  return lines(...open.flat(), "", "x");
}

const MANY_PARTS = lines(
  ...multipart(
    "mixed",
    Array.from({ length: 10_000 }, () => ["", "x"]),
  ),
);
const HIDDEN = zipOf([{ name: "a.zip", content: zipOf([{ name: "run.exe", content: "MZ" }]) }]);

test("messages that are made to be expensive are refused, and cost nothing lasting", async (t) => {
  const { server, stranger } = await openBench(t);
  for (const [why, content] of [
    ["10,000 parts", MANY_PARTS],
    ["parts nested too deeply", nested(500)],
    ["an archive bomb", attached("a.zip", archiveBomb())],
    ["a gzip bomb", attached("a.gz", gzipSync(Buffer.alloc(512 * MiB)))],
    ["what is sought, two archives deep", attached("a.zip", HIDDEN)],
  ] as const) {
    await t.test(why, async () => {
      const client = await stranger();
      const refused = transact(client, { from: FROM, to: TO, content });
      const growth = measureGrowth(
        server.pid,
        refused.catch(() => undefined),
      );
      await assert.rejects(refused, /550/);
      assert.ok((await growth) < GROWTH_BYTES_MAX, `${await growth} bytes more`);
      client.socket.destroy();
    });
  }
  const client = await stranger();
  await transact(client, { from: FROM, to: TO, content: attached("a.txt", Buffer.from("text")) });
  await client.quit();
  const read = { address: "bob@contoso.test", count: 1 };
  assert.equal((await waitForMail(server.dataFolder, read)).length, 1);
});
