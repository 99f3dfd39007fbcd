import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startHaproxy } from "../harness/haproxy.ts";
import { waitForMail } from "../harness/maildir.ts";
import { type Configuration, startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { readTracking } from "../harness/tracking.ts";

const BEHIND_PROXY = { proxyProtocolSources: ["127.0.0.1"] };

function configurationOf(smtpPort: number, receiveConnector: Configuration): Configuration {
  return contoso({ smtpPort, receiveConnector });
}

/** A server behind HAProxy, which is 127.0.0.1; clients are at other loopback addresses. */
async function openBench(t: TestContext, receiveConnector: Configuration = {}) {
  const smtpPort = await freePort();
  const configuration = configurationOf(smtpPort, { ...BEHIND_PROXY, ...receiveConnector });
  const server = await startServer(t, { configuration });
  const [version1 = 0, version2 = 0] = await startHaproxy(t, [
    { serverPort: smtpPort, header: "send-proxy" },
    { serverPort: smtpPort, header: "send-proxy-v2", checks: true },
  ]);
  return { server, smtpPort, version1, version2 };
}

function dial(port: number, localAddress: string): SmtpClient {
  return new SmtpClient(connect({ port, host: "127.0.0.1", localAddress }));
}

async function send(client: SmtpClient, subject: string): Promise<void> {
  await client.expect(220);
  await client.command("EHLO client.example", 250);
  const content = `Message-ID: <${subject}@test>\r\nSubject: ${subject}\r\n\r\nHello`;
  const reply = await client.sendMessage({
    from: "someone@fabrikam.test",
    to: ["bob@contoso.test"],
    content,
  });
  assert.equal(reply.code, 250, reply.lines.join());
  await client.quit();
}

test("the client is the one behind the balancer, in Received and in the log", async (t) => {
  const { server, version1, version2 } = await openBench(t);
  await send(dial(version1, "127.0.0.11"), "one");
  await send(dial(version2, "127.0.0.12"), "two");
  const messages = await waitForMail(server.dataFolder, { address: "bob@contoso.test", count: 2 });
  for (const [subject, address] of [
    ["one", "127.0.0.11"],
    ["two", "127.0.0.12"],
  ] as const) {
    const message = messages.find((text) => text.includes(`Subject: ${subject}`)) ?? "";
    assert.match(message, new RegExp(`^Received: from client\\.example \\(.*${address}`, "m"));
    const row = await eventually({ what: "the line of the log" }, () =>
      readTracking(server.dataFolder).find((line) => {
        return line["message-id"] === `<${subject}@test>` && line["event-id"] === "RECEIVE";
      }),
    );
    assert.equal(row["client-ip"], address);
  }
});

test("a limit meets the client, not the balancer", async (t) => {
  const { version1, version2 } = await openBench(t, { maxInboundConnectionPerSource: 2 });
  const held = [dial(version1, "127.0.0.11"), dial(version2, "127.0.0.11")];
  for (const client of held) await client.expect(220);
  const refused = dial(version1, "127.0.0.11");
  await refused.expect(421);
  await refused.ended();
  for (const port of [version1, version2]) await dial(port, "127.0.0.12").expect(220);
});

test("TLS from the first byte passes through", async (t) => {
  const smtpPort = await freePort();
  const configuration = configurationOf(smtpPort, { ...BEHIND_PROXY, implicitTlsEnabled: true });
  const server = await startServer(t, { configuration });
  const [port = 0] = await startHaproxy(t, [{ serverPort: smtpPort, header: "send-proxy-v2" }]);
  const socket = connect({ port, host: "127.0.0.1", localAddress: "127.0.0.13" });
  const client = new SmtpClient(connectTls({ socket, rejectUnauthorized: false }));
  await send(client, "secret");
  const address = "bob@contoso.test";
  const [message = ""] = await waitForMail(server.dataFolder, { address, count: 1 });
  assert.match(message, /^Received: from client\.example \(.*127\.0\.0\.13/m);
});

test("only the balancer is believed, and it must say whom it speaks for", async (t) => {
  const { server, smtpPort } = await openBench(t);
  // Another address that says the same is a client with a strange first command.
  const stranger = dial(smtpPort, "127.0.0.14");
  await stranger.expect(220);
  await stranger.command("PROXY TCP4 192.0.2.1 127.0.0.1 1234 25", 500);
  await stranger.command("EHLO client.example", 250);
  const mute = dial(smtpPort, "127.0.0.1");
  mute.send("EHLO client.example");
  await mute.ended();
  await eventually({ what: "the diagnostic" }, () => {
    return server.output.includes("proxy-header-refused") || undefined;
  });
});

test("a change of the trusted balancers holds for the next connection", async (t) => {
  const { server, smtpPort, version1 } = await openBench(t);
  await dial(version1, "127.0.0.11").expect(220);
  await server.configure(configurationOf(smtpPort, {}));
  server.signal("SIGHUP");
  await eventually({ what: "a banner without a header" }, async () => {
    const client = dial(smtpPort, "127.0.0.1");
    // No header: as long as one is asked for, this ends the connection.
    client.send("NOOP");
    const reply = await client.reply().catch(() => undefined);
    client.destroy();
    return reply?.code === 220 || undefined;
  });
});
