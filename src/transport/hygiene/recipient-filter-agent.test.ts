import assert from "node:assert/strict";
import { test } from "node:test";
import { type FakeSession, fakeSession, recipientSubject } from "./agent-session.fake.ts";
import { recipientFilterAgent } from "./recipient-filter-agent.ts";

const LIST = "blockListEnabled: true, blockedRecipients: [All@contoso.test]";
const YAML = `recipientFilterConfig: { ${LIST} }`;

for (const [why, facts, to, want] of [
  ["one that is blocked", { yaml: YAML }, "all@contoso.test", "550 5.1.1"],
  ["another one", { yaml: YAML }, "bob@contoso.test", ""],
  ["from inside", { yaml: YAML, isAuthenticated: true }, "all@contoso.test", "not heard"],
  ["a list that is off", { yaml: YAML.replace("true", "false") }, "all@contoso.test", "not heard"],
  ["no list", {}, "all@contoso.test", "not heard"],
] as const satisfies readonly (readonly [string, FakeSession, string, string])[]) {
  test(`recipient filter: ${why}`, async () => {
    const session = fakeSession(facts);
    const answer = await recipientFilterAgent.on.OnRcptCommand?.(recipientSubject(session, { to }));
    const heard = recipientFilterAgent.hears(session);
    const reply = answer?.kind === "refuse" ? answer.reply : undefined;
    const said = reply === undefined ? "" : `${reply.code} ${reply.status}`;
    assert.equal(heard ? said : "not heard", want);
  });
}
