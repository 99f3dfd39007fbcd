import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { address as at } from "../../mail/address.fake.ts";
import { type Address, addressKey } from "../../mail/address.ts";
import { fakeDirectory } from "../../org/directory.fake.ts";
import type { OrganizationRecipient } from "../../org/organization.ts";
import type { Categorization } from "../queue/categorization.ts";
import { createCategorize } from "./categorize.ts";
import {
  contact,
  group,
  mailbox,
  recipient,
  sampleOrganization,
  uncategorized,
} from "./organization.fake.ts";

/** Names of a small organization, so that loops and duplicates are common; `x` is nobody. */
const NAMES = ["a", "b", "c", "d", "e", "f", "x"] as const;
const LOCAL = NAMES.map((name) => `${name}@contoso.test`);
const ADDRESSES = [
  ...LOCAL,
  "a+1@contoso.test",
  "alias-b@contoso.test",
  "r@relay.test",
  "o@far.test",
];

interface Sample {
  readonly recipients: readonly OrganizationRecipient[];
  readonly members: ReadonlyMap<Address, readonly Address[]>;
}

function sample(): fc.Arbitrary<Sample> {
  const target = fc.constantFrom(...ADDRESSES);
  const one = (address: string, name: string) =>
    fc.oneof(
      fc.constant({ recipient: mailbox(address, [`alias-${name}@contoso.test`]), members: [] }),
      fc.tuple(target, fc.boolean()).map(([forward, keepsCopy]) => ({
        recipient: mailbox(address, [], {
          forwardingAddress: at(forward),
          deliverToMailboxAndForward: keepsCopy,
        }),
        members: [],
      })),
      target.map((external) => ({ recipient: contact(address, external), members: [] })),
      fc
        .tuple(
          fc.array(target, { maxLength: 5 }),
          fc.constantFrom("originator", "manager", "nobody"),
        )
        .map(([members, reports]) => ({
          recipient: group(address, {
            reportToOriginatorEnabled: reports === "originator",
            reportToManagerEnabled: reports === "manager",
            managedBy: at("boss@contoso.test"),
          }),
          members: members.map(at),
        })),
    );
  return fc
    .tuple(...LOCAL.slice(0, -1).map((address, index) => one(address, NAMES[index] ?? "")))
    .map((made) => ({
      recipients: made.map(({ recipient: entry }) => entry),
      members: new Map(
        made.map(({ recipient: { primarySmtpAddress }, members }) => [primarySmtpAddress, members]),
      ),
    }));
}

/** What a reader of the rules would say: everybody who ends up with a copy, by plain recursion. */
function reached({ recipients, members }: Sample, starts: readonly string[]): Set<string> {
  const byAddress = new Map<string, OrganizationRecipient>();
  for (const entry of recipients) {
    for (const address of [...entry.emailAddresses]) byAddress.set(addressKey(address), entry);
  }
  const seen = new Set<string>();
  const copies = new Set<string>();
  const visit = (text: string): void => {
    const key = text.toLowerCase();
    const entry = byAddress.get(key) ?? byAddress.get(key.replace(/\+[^@]*/, ""));
    const id = entry?.primarySmtpAddress ?? key;
    if (seen.has(id)) return;
    seen.add(id);
    if (entry === undefined) {
      if (!key.endsWith("@contoso.test")) copies.add(key);
    } else if (entry.kind === "group") {
      for (const member of members.get(entry.primarySmtpAddress) ?? []) visit(member);
    } else if (entry.kind === "mailbox") {
      if (entry.forwardingAddress === undefined || entry.deliverToMailboxAndForward) copies.add(id);
      if (entry.forwardingAddress !== undefined) visit(entry.forwardingAddress);
    } else visit(entry.externalEmailAddress);
  };
  for (const start of starts) visit(start);
  return copies;
}

async function categorizeSample(
  entries: Sample,
  addresses: readonly string[],
  limit: number,
): Promise<Categorization> {
  const sampled = sampleOrganization();
  const transportService = { ...sampled.transportService, expansionSizeLimit: limit };
  const organization = { ...sampled, transportService };
  let nextId = 100;
  const categorize = createCategorize({
    organization: () => organization,
    directory: fakeDirectory(entries.recipients, entries.members),
    nextMessageId: () => nextId++,
  });
  return await categorize(
    uncategorized(addresses.map((address, position) => recipient(position, address))),
  );
}

test("categorize: nobody is lost, nobody gets two, everybody reachable gets one", async () => {
  const tops = fc.uniqueArray(fc.constantFrom(...ADDRESSES), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      sample(),
      tops,
      fc.integer({ min: 1, max: 4 }),
      async (entries, addresses, limit) => {
        const result = await categorizeSample(entries, addresses, limit);
        const routed = [...result.routed, ...result.forks.flatMap((fork) => fork.routed)];
        // Unknown members of managed groups travel with the manager's copy, to be refused there.
        const addressesHere = new Set(entries.recipients.flatMap((entry) => entry.emailAddresses));
        const known = routed.filter(({ recipient: { address } }) => {
          return addressesHere.has(address) || !address.endsWith("@contoso.test");
        });
        const got = known.map(({ recipient: { address } }) => addressKey(address));
        assert.equal(new Set(got).size, got.length, "one copy each");
        assert.deepEqual(new Set(got), reached(entries, addresses));
        const positions = [...routed, ...result.ended].map(
          ({ recipient: { position } }) => position,
        );
        assert.equal(new Set(positions).size, positions.length, "one place each");
        const told = new Set([
          ...positions.map((position) => addresses[position]),
          ...result.events.flatMap(({ event, relatedRecipient, recipients }) =>
            event.startsWith("DUPLICATE")
              ? [relatedRecipient, ...recipients.map(({ address }) => address)]
              : [],
          ),
        ]);
        for (const address of addresses)
          assert.ok(told.has(address), `${address} is accounted for`);
        assert.ok(result.changed || routed.length === addresses.length);
        if (result.changed) assert.ok(routed.every(({ recipient: { resolved } }) => resolved));
        for (const { routed: share } of [result, ...result.forks]) {
          assert.ok(!result.changed || share.length <= limit);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test("categorize: what is resolved is routed again to the same places", async () => {
  await fc.assert(
    fc.asyncProperty(sample(), fc.constantFrom(...ADDRESSES), async (entries, address) => {
      const first = await categorizeSample(entries, [address], 1000);
      const again = uncategorized(first.routed.map((routed) => routed.recipient));
      const categorize = createCategorize({
        organization: () => sampleOrganization(),
        directory: fakeDirectory(entries.recipients, entries.members),
        nextMessageId: () => 100,
      });
      if (!first.changed) return;
      const second = await categorize(again);
      assert.deepEqual(second.routed, first.routed);
      assert.equal(second.changed, false);
    }),
  );
});
