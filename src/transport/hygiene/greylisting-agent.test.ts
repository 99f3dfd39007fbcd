import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { DAY, MINUTE } from "../../base/units.ts";
import { MemoryRecordStore } from "../../store/record-memory.ts";
import {
  type FakeSession,
  fakeSession,
  hearsSession,
  recipientSubject,
} from "./agent-session.fake.ts";
import { greylistingAgent } from "./greylisting-agent.ts";

const YAML = "greylistingConfig: { enabled: true, retryInterval: 00:05:00 }";

function open() {
  const clock = fakeClock(1_700_000_000_000);
  const records = new MemoryRecordStore();
  const start = () => greylistingAgent({ clock, records });
  let agent = start();
  return {
    clock,
    restart() {
      agent = start();
    },
    hears: (facts: FakeSession) => hearsSession(agent, fakeSession({ yaml: YAML, ...facts })),
    /** The text of a refusal, or "". */
    async rcpt(mail: { from?: string; to?: string } = {}, facts: FakeSession = {}) {
      const session = fakeSession({ yaml: YAML, ...facts });
      const answer = await agent.on.OnRcptCommand?.(recipientSubject(session, mail));
      return answer?.kind === "refuse" ? `${answer.reply.code} ${answer.reason}` : "";
    },
  };
}

test("who comes again in time passes, and is known from then on, after a restart too", async () => {
  const { rcpt, clock, restart } = open();
  assert.equal(await rcpt(), "451 GreylistedFirstTry");
  clock.advance(5 * MINUTE - 1);
  assert.equal(await rcpt(), "451 GreylistedTooEarly");
  clock.advance(1);
  restart();
  assert.equal(await rcpt(), "");
  assert.equal(await rcpt({ from: "other@fabrikam.test", to: "alice@contoso.test" }), "");
  assert.equal(await rcpt({}, { remoteAddress: "192.0.2.200" }), "", "the network is the same");
  restart();
  clock.advance(35 * DAY);
  assert.equal(await rcpt(), "");
  clock.advance(35 * DAY);
  assert.equal(await rcpt(), "", "each message begins the time anew");
  clock.advance(36 * DAY);
  assert.equal(await rcpt(), "451 GreylistedFirstTry");
});

for (const [why, mail, facts] of [
  ["another network", {}, { remoteAddress: "192.0.3.1" }],
  ["another sender", { from: "ann@litware.test" }, {}],
  ["another recipient", { to: "alice@contoso.test" }, {}],
] as const) {
  test(`a first try does not help ${why}`, async () => {
    const { rcpt, clock } = open();
    await rcpt();
    clock.advance(10 * MINUTE);
    assert.equal(await rcpt(mail, facts), "451 GreylistedFirstTry");
  });
}

test("who comes again too late begins anew", async () => {
  const { rcpt, clock } = open();
  await rcpt();
  clock.advance(2 * DAY + 1);
  assert.equal(await rcpt(), "451 GreylistedFirstTry");
});

test("nobody waits who has logged on, is welcome, or writes to one who will not wait", async () => {
  const { rcpt, hears } = open();
  assert.equal(hears({}), true);
  assert.equal(hears({ isAuthenticated: true }), false);
  assert.equal(await rcpt({}, { findings: { isAllowed: true } }), "");
  assert.equal(hears({ yaml: "" }), false, "off by default");
  const internal = `${YAML}\ntransportConfig: { internalSMTPServers: [192.0.2.0/24] }`;
  assert.equal(hears({ yaml: internal }), false);
  assert.equal(await rcpt({}, { isAuthenticated: true }), "");
  const bypass = YAML.replace("}", ", bypassedRecipients: [Bob@contoso.test] }");
  assert.equal(await rcpt({}, { yaml: bypass }), "");
});
