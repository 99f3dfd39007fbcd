import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { readMaildir, waitForMail } from "../harness/maildir.ts";
import { readNotices } from "../harness/notices.ts";
import { run } from "../harness/peers.ts";
import { type Configuration, startServer } from "../harness/server.ts";
import { readTracking } from "../harness/tracking.ts";
import { submit } from "../harness/transaction.ts";

const ALICE = "alice@contoso.test";
const BOB = "bob@contoso.test";
const CAROL = "carol@contoso.test";
const DAVE = "dave@contoso.test";
const BOARD = "board@contoso.test";
const SALES = "sales@contoso.test";

const named = (name: string, more: Configuration = {}) => ({
  name,
  primarySmtpAddress: `${name}@contoso.test`,
  ...more,
});

/** carol moderates the board, of which the sales, moderated by dave, are a part. */
async function open(t: TestContext, board: Configuration = {}) {
  const [port, adminPort] = [await freePort(), await freePort()];
  const more = {
    quarantinePolicy: { endUserSpamNotificationUrl: `https://127.0.0.1:${adminPort}` },
    mailboxes: ["alice", "bob", "carol", "dave"].map((name) => named(name)),
    distributionGroups: [
      named("board", {
        ...{ members: [ALICE, SALES], moderationEnabled: true, moderatedBy: [CAROL] },
        ...board,
      }),
      named("sales", { members: [BOB], moderationEnabled: true, managedBy: DAVE }),
    ],
  };
  const configuration = contoso({ smtpPort: port, adminPort, more });
  const server = await startServer(t, { configuration });
  const send = (to: readonly string[]) =>
    submit(port, {
      from: `<${DAVE}>`,
      to: to.map((one) => `<${one}>`),
      content: "From: ann@example.test\r\nSubject: offer\r\n\r\nHello.\r\n",
    });
  return { server, send, dataFolder: server.dataFolder };
}

const curl = async (...options: readonly string[]) =>
  (await run("curl", ["--silent", "--insecure", ...options])).stdout;

/** Where the moderator decides who got this request. */
function linkIn(raw: string): string {
  const encoded = /base64\r\n\r\n([\s\S]*?)\r\n--/.exec(raw)?.[1] ?? "";
  const text = Buffer.from(encoded, "base64").toString();
  return /^https:\S+\/moderation\/\S+$/m.exec(text)?.[0] ?? "";
}

type Server = Awaited<ReturnType<typeof open>>["server"];

function waits(server: Server, count: number) {
  return eventually({ what: `${count} wait` }, async () => {
    const found = await runCmdlet(server, "Get-ModeratedMessage");
    return found.length === count ? found : undefined;
  });
}

test("kill -9 between hold and approval loses nothing, and doubles nothing", async (t) => {
  const { server, send, dataFolder } = await open(t);
  await send([BOARD, BOB]);
  await waitForMail(dataFolder, { address: BOB, count: 1 });
  const [request = ""] = await waitForMail(dataFolder, { address: CAROL, count: 1 });
  assert.match(request, /^Subject: Approval requested: offer\r?$/m);
  await server.kill9();
  await server.start();
  const [held] = await waits(server, 1);
  assert.deepEqual(held?.["RecipientAddress"], [BOARD]);
  assert.equal(held["Rule"], BOARD);
  await runCmdlet(server, "Approve-ModeratedMessage", { Identity: held["Identity"] });
  await waitForMail(dataFolder, { address: ALICE, count: 1 });
  // The sales ask their own moderator, who is their owner.
  await waitForMail(dataFolder, { address: DAVE, count: 1 });
  await server.kill9();
  await server.start();
  const [nested] = await waits(server, 1);
  assert.deepEqual(nested?.["RecipientAddress"], [SALES]);
  await runCmdlet(server, "Approve-ModeratedMessage", { Identity: nested["Identity"] });
  await waitForMail(dataFolder, { address: BOB, count: 2 });
  await waits(server, 0);
  assert.equal((await readMaildir(dataFolder, ALICE)).length, 1);
  assert.equal((await readMaildir(dataFolder, CAROL)).length, 1);
  const story = readTracking(dataFolder).filter((row) => row["source"] === "APPROVAL");
  assert.deepEqual(
    story.map((row) => `${row["event-id"]} ${row["recipient-address"]}`),
    [
      `INITMESSAGECREATED ${BOARD}`,
      `MODERATORAPPROVE ${BOARD}`,
      `INITMESSAGECREATED ${SALES}`,
      `MODERATORAPPROVE ${SALES}`,
    ],
  );
});

test("one approval is enough where the outer group says so; a rejection is told", async (t) => {
  const { server, send, dataFolder } = await open(t, { bypassNestedModerationEnabled: true });
  await send([BOARD]);
  const [held] = await waits(server, 1);
  await runCmdlet(server, "Approve-ModeratedMessage", { Identity: held?.["Identity"] });
  await waitForMail(dataFolder, { address: BOB, count: 1 });
  await send([BOARD]);
  await waits(server, 1);
  const requests = await waitForMail(dataFolder, { address: CAROL, count: 2 });
  const pages = await Promise.all(requests.map((raw) => curl(linkIn(raw))));
  // The first one has been decided about.
  assert.equal(pages.filter((page) => page.includes("There is nothing here")).length, 1);
  const at = pages.findIndex((page) => page.includes(BOARD));
  const form = ["--data", "action=deny", "--data-urlencode", "comment=Not now"];
  const answer = await curl(linkIn(requests[at] ?? ""), ...form);
  assert.match(answer, /It goes back to its sender/);
  const [notice] = await readNotices(await waitForMail(dataFolder, { address: DAVE, count: 1 }));
  assert.match(notice?.recipients[0]?.["Diagnostic-Code"] ?? "", /rejected the message: Not now/);
  assert.equal(notice?.recipients[0]?.["Final-Recipient"], `rfc822;${BOARD}`);
});

test("a cmdlet makes a mailbox moderated for the next message, and lets a sender by", async (t) => {
  const { server, send, dataFolder } = await open(t);
  await runCmdlet(server, "New-Mailbox", {
    ...{ Name: "boss", PrimarySmtpAddress: "boss@contoso.test" },
    ...{ ModerationEnabled: true, ModeratedBy: [CAROL], SendModerationNotifications: "Never" },
  });
  await send(["boss@contoso.test"]);
  const [held] = await waits(server, 1);
  await runCmdlet(server, "Deny-ModeratedMessage", { Identity: held?.["Identity"] });
  await waits(server, 0);
  await runCmdlet(server, "Set-Mailbox", { Identity: "boss", ModerationEnabled: false });
  await send(["boss@contoso.test"]);
  await waitForMail(dataFolder, { address: "boss@contoso.test", count: 1 });
  assert.deepEqual(await readMaildir(dataFolder, DAVE), []);
});
