import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { systemClock } from "../base/clock.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { MailauthHost } from "./mailauth-host.ts";

const QUESTION = {
  clientAddress: "127.0.0.1",
  helo: "client.example",
  sender: "a@localhost",
  serverName: "mail.contoso.test",
};
const MESSAGE = Buffer.from("From: a@localhost\r\n\r\nHello\r\n");
const CONTENT = { bytes: MESSAGE.length, read: async () => [MESSAGE] };

test("the thread answers; after it has been closed nothing is known", async () => {
  const host = new MailauthHost({
    nameServers: [],
    clock: systemClock,
    diagnostics: silentDiagnostics,
  });
  const found = await host.check(QUESTION, CONTENT);
  assert.deepEqual(
    found.dkim.map(({ result }) => result),
    ["none"],
  );
  await host.close();
  const later = await host.check(QUESTION, CONTENT);
  assert.deepEqual(
    [later.spf.result, later.dkim[0]?.result, later.dmarc.result],
    ["temperror", "temperror", "temperror"],
  );
});

test("who waits when the thread ends is told that nothing is known", async () => {
  const host = new MailauthHost({
    nameServers: [],
    clock: systemClock,
    diagnostics: silentDiagnostics,
  });
  const asked = host.check(QUESTION, CONTENT);
  await host.close();
  assert.equal((await asked).spf.result, "temperror");
});

test("what is too much at one time is not waited for", async () => {
  const warned: string[] = [];
  const diagnostics = { ...silentDiagnostics, warn: (event: string) => void warned.push(event) };
  const host = new MailauthHost({ nameServers: [], clock: systemClock, diagnostics });
  const content = { bytes: 400_000_000, read: () => assert.fail("it has been read") };
  assert.equal((await host.check(QUESTION, content)).dmarc.result, "temperror");
  assert.deepEqual(warned, ["mailauth-thread-busy"]);
  await host.close();
});

test("a thread that does not answer is replaced, after a while", async () => {
  const told: unknown[] = [];
  const diagnostics = { ...silentDiagnostics, error: (event: string) => void told.push(event) };
  const clock = fakeClock();
  const host = new MailauthHost({ nameServers: [], clock, diagnostics });
  const asked = host.check(QUESTION, CONTENT);
  // The content is read first.
  await new Promise(setImmediate);
  clock.advance(30_000);
  assert.equal((await asked).dmarc.result, "temperror");
  assert.deepEqual(told, ["mailauth-thread-failed"]);
  assert.equal((await host.check(QUESTION, CONTENT)).dkim[0]?.result, "temperror", "not at once");
  clock.advance(1000);
  assert.equal((await host.check(QUESTION, CONTENT)).dkim[0]?.result, "none");
  await host.close();
});

test("content that cannot be read is its reader's failure; its room is free again", async () => {
  const host = new MailauthHost({
    nameServers: [],
    clock: systemClock,
    diagnostics: silentDiagnostics,
  });
  const broken = { bytes: 200_000_000, read: () => Promise.reject(new Error("no disk")) };
  for (let time = 0; time < 3; time += 1) {
    await assert.rejects(host.check(QUESTION, broken), /no disk/);
  }
  assert.equal((await host.check(QUESTION, CONTENT)).dkim[0]?.result, "none");
  await host.close();
});
