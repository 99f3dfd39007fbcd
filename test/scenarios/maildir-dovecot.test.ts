import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { silentDiagnostics } from "../../src/base/diagnostics.ts";
import {
  fakeContent,
  fakeDelivery,
  fakeDirectory,
  fakeLane,
} from "../../src/transport/deliver/delivery.fake.ts";
import { openMailboxCourier } from "../../src/transport/deliver/mailbox-courier.ts";
import { startDovecot } from "../harness/dovecot.ts";
import { mailUser, run } from "../harness/peers.ts";
import { temporaryFolder } from "../harness/server.ts";

const ALICE = "alice@contoso.test";
/** Sends commands in turn and returns the whole of each answer, as bytes in latin1. */
async function talk(port: number, commands: readonly string[]): Promise<readonly string[]> {
  const socket = connect(port, "127.0.0.1");
  const answers: string[] = [];
  let received = "";
  let waiting = (): void => {};
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
    waiting();
  });
  socket.on("close", () => waiting());
  const until = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      waiting = () => {
        const match = pattern.exec(received);
        if (match !== null) {
          const end = match.index + match[0].length;
          resolve(received.slice(0, end));
          received = received.slice(end);
        } else if (socket.destroyed) {
          reject(new Error(`connection closed after: ${received}`));
        }
      };
      waiting();
    });
  await until(/^\* OK.*\r\n/);
  for (const [index, command] of commands.entries()) {
    socket.write(`a${index} ${command}\r\n`);
    answers.push(await until(new RegExp(`^a${index} .*\\r\\n`, "m")));
  }
  socket.destroy();
  return answers;
}

test("Dovecot serves what we delivered, byte for byte", async (t) => {
  const base = await temporaryFolder(t);
  // Dovecot's own users walk through it.
  await chmod(base, 0o755);
  const courier = openMailboxCourier({
    dataDirectory: base,
    hostName: "mail.contoso.test",
    directory: fakeDirectory({ [ALICE]: Number.POSITIVE_INFINITY }),
    clock: systemClock,
    diagnostics: silentDiagnostics,
  });
  const small = Buffer.from(
    "Subject: =?utf-8?q?h=C3=A9?=\r\n\r\n.dot\r\n\r\ncaf\xe9\r\n",
    "latin1",
  );
  const large = Buffer.from(`Subject: large\r\n\r\n${`${"x".repeat(76)}\r\n`.repeat(10_000)}`);
  const unended = Buffer.from("Subject: no line end\r\n\r\nlast");
  const messages = [small, large, unended];
  const deliveries = messages.map((bytes, index) => {
    const pieces = [bytes.subarray(0, 10), bytes.subarray(10)];
    const content = fakeContent(pieces, { stored: index === 1 });
    return fakeDelivery({ id: index + 1, to: [ALICE], content });
  });
  const lane = fakeLane(deliveries);
  await courier.run(lane);
  assert.deepEqual(
    [...lane.settled.values()].flat().map(({ outcome }) => outcome.kind),
    ["delivered", "delivered", "delivered"],
  );

  const { uid, gid } = await mailUser();
  const mailboxes = join(base, "mailboxes");
  await run("chown", ["-R", `${uid}:${gid}`, mailboxes]);
  const dovecot = await startDovecot(t, { mailLocation: `maildir:${mailboxes}/%u/Maildir` });
  const port = dovecot.imapPort;
  const [, select = "", search = "", ...bodies] = await talk(port, [
    `LOGIN ${ALICE} secret`,
    "SELECT INBOX",
    'SEARCH HEADER Delivered-To "alice@contoso.test"',
    ...messages.map((_, index) => `FETCH ${index + 1} (RFC822.SIZE BODY.PEEK[])`),
    "STORE 1 +FLAGS (\\Seen)",
  ]);
  assert.match(select, /^\* 3 EXISTS\r$/m);
  assert.match(search, /^\* SEARCH 1 2 3\r$/m);
  const head = `Return-Path: <sender@fabrikam.test>\r\nDelivered-To: ${ALICE}\r\n`;
  for (const [index, bytes] of messages.entries()) {
    const want = head + bytes.toString("latin1");
    const answer = bodies[index] ?? "";
    assert.ok(answer.includes(`RFC822.SIZE ${want.length} `), `size of message ${index + 1}`);
    const start = answer.indexOf(`{${want.length}}\r\n`) + `{${want.length}}\r\n`.length;
    assert.equal(answer.slice(start, start + want.length), want, `message ${index + 1}`);
  }

  // Dovecot has moved the files to cur, the first one with a flag: a repeat must find them there.
  const again = fakeLane(deliveries.map((delivery) => ({ ...delivery, possibleDuplicate: true })));
  await courier.run(again);
  assert.equal(again.settled.size, 3);
  const [, selectAgain = ""] = await talk(port, [`LOGIN ${ALICE} secret`, "SELECT INBOX"]);
  assert.match(selectAgain, /^\* 3 EXISTS\r$/m);
  assert.doesNotMatch(await dovecot.log(), /Error|corrupt|wrong/i);
});
