import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../../mail/address.fake.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { sampleMessage, sampleRecipient } from "../../store/queue-contract.ts";
import { variableEnvelopeAgent } from "./variable-envelope-agent.ts";

const ORGANIZATION = organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
transportConfig: { variableEnvelopeSenders: [news@contoso.test] }
`);

for (const [why, sender, to, want] of [
  [
    "a recipient outside",
    "news@contoso.test",
    ["bob@far.test"],
    ["news+bob=far.test@contoso.test"],
  ],
  [
    "each has his own",
    "News@contoso.test",
    ["bob@far.test", "eve@near.test"],
    ["News+bob=far.test@contoso.test", "News+eve=near.test@contoso.test"],
  ],
  ["one of ours", "news@contoso.test", ["bob@contoso.test"], []],
  ["another sender", "alice@contoso.test", ["bob@far.test"], []],
  ["no sender", "", ["bob@far.test"], []],
  ["one that would be too long", "news@contoso.test", [`${"b".repeat(60)}@far.test`], []],
  ["a quoted one", "news@contoso.test", ['"a b"@far.test'], []],
] as const) {
  test(`VERP: ${why}`, async () => {
    const { envelope } = sampleMessage(1);
    const from = sender === "" ? ("" as const) : address(sender);
    const agent = variableEnvelopeAgent();
    assert.equal(agent.hears(ORGANIZATION), true);
    const answer = await agent.on.OnCategorizedMessage?.({
      organization: ORGANIZATION,
      message: { ...sampleMessage(1), envelope: { ...envelope, sender: from } },
      recipients: to.map((text, position) => ({
        recipient: sampleRecipient(position, { address: address(text) }),
        asWritten: address(text),
        steps: [],
        route: undefined,
      })),
      content: { bytes: 0, read: async () => undefined, peek: () => undefined } as never,
    });
    const made = (answer?.decisions ?? []).map(({ fate }) =>
      fate.kind === "deliver" ? fate.changes.sender : fate.kind,
    );
    assert.deepEqual(made, want);
  });
}
