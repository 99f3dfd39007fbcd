import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
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

const ALICE = "alice@contoso.test";
type Ending = () => Promise<void>;

/** Debian's `nobody` and `nogroup`. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const PASSWORD = "correct-horse";

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A private Dovecot that serves the Maildirs below `mailboxes`; ends with the test. */
async function startDovecot(endings: Ending[], base: string, mailboxes: string): Promise<number> {
  const port = await freePort();
  const { username, ...ids } = userInfo();
  const isRoot = ids.uid === 0;
  // Dovecot serves no mail as root.
  const { uid, gid } = isRoot ? NOBODY : ids;
  if (isRoot) await once(spawn("chown", ["-R", `${uid}:${gid}`, mailboxes]), "exit");
  const config = `
base_dir = ${base}/run
state_dir = ${base}/state
log_path = ${base}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 0
default_internal_user = ${isRoot ? "dovecot" : username}
default_login_user = ${isRoot ? "dovenull" : username}
mail_location = maildir:${mailboxes}/%u/Maildir
passdb {
  driver = static
  args = password=${PASSWORD}
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${base}/home/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
`;
  const file = join(base, "dovecot.conf");
  await writeFile(file, config);
  const dovecot = spawn("dovecot", ["-F", "-c", file], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  dovecot.stderr.on("data", (bytes) => {
    said += bytes;
  });
  endings.push(() => stop(dovecot));
  await waitForGreeting(port, dovecot, async () => {
    return said + (await readFile(join(base, "dovecot.log"), "utf8").catch(() => ""));
  });
  return port;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}

async function waitForGreeting(
  port: number,
  dovecot: ChildProcess,
  log: () => Promise<string>,
): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (dovecot.exitCode !== null) break;
    const greeted = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("data", () => {
        resolve(true);
        socket.destroy();
      });
      socket.on("error", () => resolve(false));
      socket.on("close", () => resolve(false));
    });
    if (greeted) return;
    await new Promise<void>((resolve) => void systemClock.startTimer(100, resolve));
  }
  assert.fail(`Dovecot did not start: ${await log()}`);
}

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
  const base = await mkdtemp(join(tmpdir(), "postrider-dovecot-"));
  const endings: Ending[] = [() => rm(base, { recursive: true, force: true })];
  // Last opened, first ended: Dovecot stops before its directory goes.
  t.after(async () => {
    for (const end of endings.reverse()) await end();
  });
  // Dovecot's own users walk through it.
  await chmod(base, 0o755);
  await mkdir(join(base, "home"));
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

  const port = await startDovecot(endings, base, join(base, "mailboxes"));
  const [, select = "", search = "", ...bodies] = await talk(port, [
    `LOGIN ${ALICE} ${PASSWORD}`,
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
  const [, selectAgain = ""] = await talk(port, [`LOGIN ${ALICE} ${PASSWORD}`, "SELECT INBOX"]);
  assert.match(selectAgain, /^\* 3 EXISTS\r$/m);
  const log = await readFile(join(base, "dovecot.log"), "utf8").catch(() => "");
  assert.doesNotMatch(log, /Error|corrupt|wrong/i);
});
