import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { waitForRows } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { startHop } from "../harness/hop.ts";
import type { Scope } from "../harness/scope.ts";
import { startServer } from "../harness/server.ts";
import { submit } from "../harness/transaction.ts";
import { startUnbound } from "../harness/unbound.ts";

/** A real resolver at the other end, which answers from its own data only. */
async function startResolver(t: Scope, records: readonly string[]): Promise<number> {
  const port = await freePort();
  const zones = ["one.test.", "many.test."].map((zone) => `local-zone: "${zone}" static`);
  const data = records.map((record) => `local-data: '${record}'`);
  await startUnbound(t, {
    port,
    modules: "iterator",
    settings: ["do-not-query-localhost: yes", ...zones, ...data],
    ready: () => answers(port),
  });
  return port;
}

/** Whether somebody answers a question for the root at that port. */
function answers(port: number): Promise<true | undefined> {
  const question = Buffer.from("000101000001000000000000036f6e6504746573740000010001", "hex");
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const done = (answer: true | undefined) => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(() => done(undefined), 200);
    socket.once("message", () => done(true));
    socket.once("error", () => done(undefined));
    socket.connect(port, "127.0.0.1", () => socket.send(question));
  });
}

test("next hops are found through Unbound, over TCP when an answer is long", async (t) => {
  const many = Array.from({ length: 90 }, (_, index) => [
    `many.test. IN MX ${index + 10} a-rather-long-host-name-${index}.many.test.`,
    `a-rather-long-host-name-${index}.many.test. IN A 127.0.0.${index + 2}`,
  ]);
  const dns = await startResolver(t, [
    "one.test. IN MX 10 mx.one.test.",
    "mx.one.test. IN A 127.0.0.2",
    ...many.flat(),
  ]);
  const port = await freePort();
  const relayPort = await freePort();
  const hop = await startHop(t, { host: "127.0.0.2", port });
  const server = await startServer(t, {
    configuration: contoso({
      smtpPort: await freePort(),
      relayPort,
      internet: { dnsPort: dns, port },
    }),
  });
  for (const to of ["<a@one.test>", "<b@many.test>", "<c@gone.one.test>"]) {
    const content = `Message-ID: ${to}\r\nSubject: through Unbound\r\n\r\nx\r\n`;
    await submit(relayPort, { from: "<alice@contoso.test>", to: [to], content });
  }
  await eventually({ what: "two messages" }, () => hop.messages.length === 2 || undefined);
  const recipients = hop.messages.flatMap((message) => message.recipients);
  assert.match(recipients.sort().join(" "), /a@one\.test.*b@many\.test/);
  const story = await waitForRows(server, "<c@gone.one.test>", { event: "FAIL" });
  const failure = story.find((row) => row["event-id"] === "FAIL");
  assert.match(failure?.["recipient-status"] ?? "", /5\.4\.4/);
});
