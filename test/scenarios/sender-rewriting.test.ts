import assert from "node:assert/strict";
import { test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { run } from "../harness/peers.ts";
import { startServer } from "../harness/server.ts";
import { type SinkMessage, startSink } from "../harness/sink.ts";
import { submit } from "../harness/transaction.ts";

const CONTENT = "From: Ann <ann@fabrikam.test>\r\nSubject: On\r\n\r\nHello\r\n";

test("mail that goes on has a sender of ours; notices go back, and nothing else", async (t) => {
  const [smtpPort, smartHostPort] = [await freePort(), await freePort()];
  const sink = await startSink(t, { port: smartHostPort });
  const configuration = contoso({
    smtpPort,
    smartHostPort,
    more: {
      mailContacts: [
        {
          name: "carol",
          primarySmtpAddress: "carol@contoso.test",
          externalEmailAddress: "carol@far.test",
        },
      ],
    },
  });
  const server = await startServer(t, { configuration });
  const arrived = (to: string): Promise<SinkMessage> =>
    eventually({ what: `mail to ${to}` }, () =>
      sink.messages.find((message) => message.to.some((one) => one.includes(to))),
    );
  const envelope = { from: "<ann@fabrikam.test>", to: ["<carol@contoso.test>"] };
  await submit(smtpPort, { ...envelope, content: CONTENT });
  const { from } = await arrived("carol@far.test");
  const sender = /SRS0=[a-z2-7]{6}=[a-z2-7]{2}=fabrikam\.test=ann@contoso\.test/.exec(from)?.[0];
  assert.ok(sender !== undefined, from);
  await server.terminate();
  await server.start();
  const send = async (sentBy: string, to: string) => {
    const args = ["--server", "127.0.0.1", "--port", String(smtpPort), "--from", sentBy];
    return run("swaks", [...args, "--to", to]);
  };
  const refused = await Promise.all([
    send("eve@evil.test", sender),
    send("<>", sender.replace("=ann@", "=bob@")),
    send("<>", "SRS0=aaaaaa=aa=victim.test=x@contoso.test"),
  ]);
  for (const { code, stdout } of refused) {
    assert.notEqual(code, 0);
    assert.match(stdout, /550 5\.7\.1 /);
  }
  assert.equal((await send("<>", sender)).code, 0);
  const notice = await arrived("ann@fabrikam.test");
  assert.equal(notice.from, "");
});

test("a sender with VERP writes to each by himself, and notices come to him", async (t) => {
  const [smtpPort, relayPort, smartHostPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const sink = await startSink(t, { port: smartHostPort });
  const transportConfig = { variableEnvelopeSenders: ["alice@contoso.test"] };
  const ports = { smtpPort, relayPort, smartHostPort };
  const server = await startServer(t, { configuration: contoso({ ...ports, transportConfig }) });
  const to = ["<bob@far.test>", "<eve@far.test>"];
  await submit(relayPort, { from: "<alice@contoso.test>", to, content: CONTENT });
  const senders = await eventually({ what: "both" }, () =>
    sink.messages.length === 2 ? sink.messages.map(({ from }) => from).sort() : undefined,
  );
  assert.deepEqual(senders, ["alice+bob=far.test@contoso.test", "alice+eve=far.test@contoso.test"]);
  const content = "From: <>\r\nSubject: Undeliverable\r\n\r\nNo bob\r\n";
  await submit(smtpPort, { from: "<>", to: [`<${senders[0]}>`], content });
  const [notice = ""] = await waitForMail(server.dataFolder, {
    address: "alice@contoso.test",
    count: 1,
  });
  assert.match(notice, /No bob/);
});
