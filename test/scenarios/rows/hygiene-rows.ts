import assert from "node:assert/strict";
import type { CmdletRow, Surface } from "../../harness/cmdlet-row.ts";
import { runCmdlet } from "../../harness/cmdlets.ts";
import { type EveryBench, ownName } from "../../harness/every-bench.ts";
import { type NounSample, nounRows, singleRows } from "./noun-rows.ts";

type Row = CmdletRow<EveryBench>;

const NOUNS: readonly NounSample[] = [
  {
    noun: "IPAllowListProvider",
    verb: "Add",
    given: (Name) => ({ Name, LookupDomain: "allow.example.test" }),
    change: ["Enabled", false],
  },
  {
    noun: "IPBlockListProvider",
    verb: "Add",
    given: (Name) => ({ Name, LookupDomain: "block.example.test", BitmaskMatch: "127.0.0.6" }),
    change: ["RejectionResponse", "%0 is listed"],
  },
];

const SINGLE = [
  ["IPAllowListConfig", "Enabled", false, true],
  ["IPBlockListConfig", "StaticEntryRejectionResponse", "Not you", "Not %0"],
  ["IPAllowListProvidersConfig", "InternalMailEnabled", true, false],
  ["IPBlockListProvidersConfig", "ExternalMailEnabled", false, true],
  ["SenderFilterConfig", "Action", "StampStatus", "Reject"],
  ["RecipientFilterConfig", "BlockListEnabled", true, false],
  ["SenderReputationConfig", "SrlBlockThreshold", "8", "9"],
  ["GreylistingConfig", "RetryInterval", "00:01:00", "00:02:00"],
  ["BackscatterProtectionConfig", "KeyNumber", "1", "2"],
  ["AttachmentFilterListConfig", "Action", "Strip", "SilentDelete"],
  ["OrganizationConfig", "SCLJunkThreshold", "5", "6"],
] as const;

const ENTRY: NounSample = {
  noun: "AttachmentFilterEntry",
  verb: "Add",
  given: (name) => ({ Name: `*.${name}`, Type: "FileName" }),
  identity: (name) => `FileName:*.${name}`,
  change: ["Type", "ContentType"],
};

const ATTACHMENT_ROWS: readonly Row[] = nounRows(ENTRY).filter(
  ({ cmdlet }) => !cmdlet.startsWith("Set-"),
);

/** Add, Get and Remove of entries of the IP lists. */
function entryRows(noun: "IPAllowListEntry" | "IPBlockListEntry", network: string): readonly Row[] {
  const rangeOf = (last: number, via: Surface) =>
    via === "rest" ? `${network}.${last}` : `${network}.${last}-${network}.${last + 1}`;
  const made = (last: number) => async (bench: EveryBench, via: Surface) => {
    const Identity = rangeOf(last, via);
    await runCmdlet(bench.server, `Add-${noun}`, { IPRange: Identity });
    return { Identity };
  };
  return [
    {
      cmdlet: `Add-${noun}`,
      given: async (_bench, via) => ({
        ...(via === "rest" ? { IPAddress: `${network}.10` } : { IPRange: rangeOf(12, via) }),
        ExpirationTime: "2030-01-31T00:00:00Z",
        Comment: "A test",
      }),
      count: 1,
      async expect({ objects: [object], bench: { server } }) {
        assert.equal(object?.["ExpirationTime"], "2030-01-31T00:00:00.000Z");
        const all = await runCmdlet(server, `Get-${noun}`);
        assert.ok(all.some((one) => one["Identity"] === object["Identity"]));
      },
    },
    {
      cmdlet: `Get-${noun}`,
      given: made(20),
      count: 1,
      expect({ objects: [object] }) {
        assert.equal(object?.["IsMachineGenerated"], false);
        assert.equal(object["HasExpired"], false);
      },
    },
    {
      cmdlet: `Remove-${noun}`,
      given: made(30),
      count: 0,
      async expect({ bench: { server }, given: { Identity } }) {
        const all = await runCmdlet(server, `Get-${noun}`);
        assert.ok(!all.some((one) => one["Identity"] === Identity));
      },
    },
  ];
}

/** The bench's name server knows nothing of the list: nobody is on it. */
function testRow(noun: "IPAllowListProvider" | "IPBlockListProvider"): Row {
  return {
    cmdlet: `Test-${noun}`,
    async given({ server }, via) {
      const Name = ownName(`tested${noun}`, via);
      await runCmdlet(server, `Add-${noun}`, { Name, LookupDomain: "list.example.test" });
      return { Identity: Name, IPAddress: "192.0.2.66" };
    },
    count: 1,
    expect({ objects: [object], given: { Identity } }) {
      assert.deepEqual(object, {
        Provider: Identity,
        IPAddress: "192.0.2.66",
        Matched: false,
        ProviderResult: [],
        Error: "",
      });
    },
  };
}

/** Nobody but loopback has sent anything to the bench, and that is not rated. */
const REPUTATION: Row = {
  cmdlet: "Get-SenderReputation",
  given: { IPAddress: "192.0.2.66" },
  count: 0,
  expect: () => undefined,
};

/** Filters and their lists; chains that can run side by side. */
export const HYGIENE_ROWS: readonly (readonly Row[])[] = [
  ...NOUNS.map(nounRows),
  SINGLE.flatMap(singleRows),
  ATTACHMENT_ROWS,
  entryRows("IPAllowListEntry", "198.51.100"),
  entryRows("IPBlockListEntry", "203.0.113"),
  [testRow("IPAllowListProvider"), testRow("IPBlockListProvider"), REPUTATION],
];
