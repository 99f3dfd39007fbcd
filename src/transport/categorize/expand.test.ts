import assert from "node:assert/strict";
import { test } from "node:test";
import { address as at } from "../../mail/address.fake.ts";
import { fakeDirectory } from "../../org/directory.fake.ts";
import type { QueuedRecipient } from "../../store/queue-store.ts";
import { describe, MANY, MEMBERS, RECIPIENTS, run } from "./categorize-sample.fake.ts";
import { notify, recipient, uncategorized } from "./organization.fake.ts";

/** Positions of the first that recipients 0 and 1 led to. */
const [P0, P1] = [2 ** 20, 2 ** 21];

type Row = readonly [why: string, recipients: readonly QueuedRecipient[], want: readonly string[]];

const ROWS: readonly Row[] = [
  [
    "a group",
    [recipient(0, "team@contoso.test", { notify: notify("SUCCESS,DELAY") })],
    [
      `${P0} alice@contoso.test orcpt=team@contoso.test notify=DELAY > mailbox`,
      `${P0 + 1} bob@contoso.test orcpt=team@contoso.test notify=DELAY > mailbox`,
      `${P0 + 2} someone@partner.test orcpt=team@contoso.test notify=DELAY > Internet partner.test`,
      "0 team@contoso.test notify=SUCCESS,DELAY expanded",
      "EXPAND team@contoso.test: alice@contoso.test bob@contoso.test someone@partner.test",
    ],
  ],
  [
    "a member who has it already",
    [recipient(0, "team@contoso.test"), recipient(1, "bob@contoso.test")],
    [
      "1 bob@contoso.test > mailbox",
      `${P0} alice@contoso.test orcpt=team@contoso.test > mailbox`,
      `${P0 + 1} someone@partner.test orcpt=team@contoso.test > Internet partner.test`,
      "0 team@contoso.test expanded",
      "EXPAND team@contoso.test: alice@contoso.test bob@contoso.test someone@partner.test",
      "DUPLICATEEXPAND team@contoso.test: bob@contoso.test",
    ],
  ],
  [
    "groups inside one another, and back",
    [recipient(0, "outer@contoso.test")],
    [
      `${P0 + 1} bob@contoso.test orcpt=outer@contoso.test > mailbox`,
      `${P0 + 2} alice@contoso.test orcpt=outer@contoso.test > mailbox`,
      `${P0} gone@contoso.test orcpt=outer@contoso.test failed 5.1.10`,
      "0 outer@contoso.test expanded",
      "EXPAND outer@contoso.test: inner@contoso.test bob@contoso.test outer@contoso.test",
      "DUPLICATEEXPAND outer@contoso.test: outer@contoso.test",
      "EXPAND inner@contoso.test: a.smith@contoso.test outer@contoso.test gone@contoso.test",
      "RESOLVE a.smith@contoso.test: alice@contoso.test",
      "DUPLICATEEXPAND inner@contoso.test: outer@contoso.test",
    ],
  ],
  [
    "a group of nobody",
    [recipient(0, "empty@contoso.test")],
    ["0 empty@contoso.test expanded", "DROP The group has no members: empty@contoso.test"],
  ],
  [
    "a group of itself only",
    [recipient(0, "broken@contoso.test")],
    [
      "0 broken@contoso.test failed 5.4.6",
      "EXPAND broken@contoso.test: broken@contoso.test",
      "DUPLICATEEXPAND broken@contoso.test: broken@contoso.test",
    ],
  ],
  [
    "a group whose member forwards back to it",
    [recipient(0, "throughloop@contoso.test")],
    [
      "0 throughloop@contoso.test failed 5.4.6",
      "EXPAND throughloop@contoso.test: back@contoso.test",
      "REDIRECT back@contoso.test: throughloop@contoso.test",
      "DUPLICATEREDIRECT throughloop@contoso.test: throughloop@contoso.test",
    ],
  ],
  [
    "forwarding to a group",
    [recipient(0, "alias@contoso.test")],
    [
      `${P0} alice@contoso.test orcpt=alias@contoso.test > mailbox`,
      `${P0 + 1} bob@contoso.test orcpt=alias@contoso.test > mailbox`,
      `${P0 + 2} someone@partner.test orcpt=alias@contoso.test > Internet partner.test`,
      "0 team@contoso.test orcpt=alias@contoso.test expanded",
      "REDIRECT alias@contoso.test: team@contoso.test",
      "EXPAND team@contoso.test: alice@contoso.test bob@contoso.test someone@partner.test",
    ],
  ],
  [
    "reports to the manager: a copy of which he is the sender, failures included",
    [recipient(0, "managed@contoso.test", { notify: [] }), recipient(1, "x@far.test")],
    [
      "1 x@far.test > Internet far.test",
      "0 managed@contoso.test notify=NEVER expanded",
      `fork alice@contoso.test: ${P0} bob@contoso.test orcpt=managed@contoso.test > mailbox`,
      `fork alice@contoso.test: ${P0 + 1} gone@contoso.test orcpt=managed@contoso.test > mailbox`,
      "EXPAND managed@contoso.test: bob@contoso.test gone@contoso.test",
      "TRANSFER of 7: bob@contoso.test gone@contoso.test",
    ],
  ],
  [
    "reports to nobody",
    [recipient(0, "silent@contoso.test", { notify: notify("SUCCESS,FAILURE") })],
    [
      `${P0 + 1} bob@contoso.test orcpt=silent@contoso.test notify=NEVER > mailbox`,
      `${P0} gone@contoso.test orcpt=silent@contoso.test notify=NEVER failed 5.1.10`,
      "0 silent@contoso.test notify=SUCCESS,FAILURE expanded",
      "EXPAND silent@contoso.test: bob@contoso.test gone@contoso.test",
    ],
  ],
  [
    "reports to a manager who is not named are reports to nobody",
    [recipient(0, "unmanaged@contoso.test")],
    [
      `${P0} bob@contoso.test orcpt=unmanaged@contoso.test notify=NEVER > mailbox`,
      "0 unmanaged@contoso.test expanded",
      "EXPAND unmanaged@contoso.test: bob@contoso.test",
    ],
  ],
];

for (const [why, recipients, want] of ROWS) {
  test(`expand: ${why}`, async () => {
    assert.deepEqual(describe(await run(recipients)), want);
  });
}

test("expand: a group without a sender keeps none, whoever gets its reports", async () => {
  const { message } = uncategorized([]);
  const envelope = { ...message.envelope, sender: "" } as const;
  const result = await run([recipient(0, "managed@contoso.test")], { message: { envelope } });
  assert.equal(result.forks.length, 0);
  assert.equal(result.routed.length, 1);
});

test("expand: what the manager's copy does not inherit", async () => {
  const { message } = uncategorized([]);
  const [fork] = (await run([recipient(0, "managed@contoso.test")])).forks;
  assert.deepEqual(fork?.message, {
    ...message,
    id: 100,
    envelope: {
      ...message.envelope,
      sender: at("alice@contoso.test"),
      ret: undefined,
      envid: undefined,
    },
  });
});

test("expand: a large group becomes copies of 1,000 that share the content", async () => {
  const directory = fakeDirectory(RECIPIENTS, MEMBERS);
  const result = await run([recipient(0, "big@contoso.test"), recipient(1, "x@far.test")], {
    directory,
  });
  assert.deepEqual(
    [result.routed.length, ...result.forks.map(({ routed }) => routed.length)],
    [1000, 1000, 501],
  );
  assert.deepEqual(
    result.forks.map(({ message }) => [message.id, message.contentId]),
    [
      [100, 7],
      [101, 7],
    ],
  );
  const everybody = [...result.routed, ...result.forks.flatMap(({ routed }) => routed)];
  assert.equal(new Set(everybody.map(({ recipient: { address } }) => address)).size, MANY + 1);
  assert.equal(new Set(everybody.map(({ recipient: { position } }) => position)).size, MANY + 1);
  assert.ok(everybody.every(({ recipient: { resolved } }) => resolved));
  const transfers = result.events.filter(({ event }) => event === "TRANSFER");
  assert.deepEqual(
    transfers.map(({ reference, message }) => [reference, message.id]),
    [
      ["7", 100],
      ["7", 101],
    ],
  );
  for (const event of result.events) assert.ok(event.recipients.length <= 1000);
  assert.ok(directory.questionCount <= 9, `${directory.questionCount} questions`);
});

test("expand: a group past the limit fails alone, and the others go", async () => {
  const limits = { memberCountMax: 100, groupDepthMax: 100, forwardCountMax: 20 };
  const recipients = [recipient(0, "big@contoso.test"), recipient(1, "team@contoso.test")];
  const result = describe(await run(recipients, { limits }));
  assert.equal(result[3], "0 big@contoso.test failed 5.2.4");
  assert.equal(result[4], "1 team@contoso.test expanded");
  assert.equal(result[0], `${P1} alice@contoso.test orcpt=team@contoso.test > mailbox`);
  const shallow = { memberCountMax: 100, groupDepthMax: 1, forwardCountMax: 20 };
  const nested = describe(await run([recipient(0, "outer@contoso.test")], { limits: shallow }));
  assert.equal(nested[1], `${P0} inner@contoso.test orcpt=outer@contoso.test failed 5.2.4`);
});

test("expand: an alternate recipient stands in for one recipient, not for members", async () => {
  const alternateRecipient = at("bob@contoso.test");
  const alternatesOf = async (address: string) => {
    const { routed, ended } = await run([recipient(0, address, { alternateRecipient })]);
    const all = [...routed, ...ended].map((one) => one.recipient);
    assert.ok(all.length > 0);
    return all.filter((one) => one.position > 0 && one.alternateRecipient !== undefined);
  };
  assert.deepEqual(await alternatesOf("team@contoso.test"), []);
  assert.deepEqual(await alternatesOf("managed@contoso.test"), [], "one of whom is unknown");
  const [kept] = (await run([recipient(0, "a.smith@contoso.test", { alternateRecipient })])).routed;
  assert.equal(kept?.recipient.alternateRecipient, alternateRecipient);
});
