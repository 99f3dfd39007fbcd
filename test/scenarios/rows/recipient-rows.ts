import assert from "node:assert/strict";
import { textOf } from "../../../src/base/text-of.fake.ts";
import type { OutputObject } from "../../../src/cmdlet/output-type.ts";
import type { CmdletRow, RowOutput, Surface } from "../../harness/cmdlet-row.ts";
import { runCmdlet } from "../../harness/cmdlets.ts";
import { type EveryBench, ownName } from "../../harness/every-bench.ts";
import { type NounSample, nounRows } from "./noun-rows.ts";

type Row = CmdletRow<EveryBench>;

const addressOf = (name: string) => `${name}@contoso.test`;
const external = (name: string) => ({
  Name: name,
  PrimarySmtpAddress: addressOf(name),
  ExternalEmailAddress: `${name}@example.test`,
});

const KINDS: readonly NounSample[] = [
  {
    noun: "Mailbox",
    given: (name) => ({ Name: name, PrimarySmtpAddress: addressOf(name) }),
    change: ["MaxReceiveSize", "5MB"],
  },
  { noun: "MailUser", given: external, change: ["MaxReceiveSize", "5MB"] },
  { noun: "MailContact", given: external, change: ["MaxReceiveSize", "5MB"] },
  {
    noun: "DistributionGroup",
    given: (name) => ({ Name: name, PrimarySmtpAddress: addressOf(name) }),
    change: ["RequireSenderAuthenticationEnabled", true],
  },
];

/** A mailbox or group of this run's own. */
async function make(
  { server }: EveryBench,
  noun: "Mailbox" | "DistributionGroup",
  name: string,
  more: object = {},
): Promise<string> {
  const given = { Name: name, PrimarySmtpAddress: addressOf(name), ...more };
  await runCmdlet(server, `New-${noun}`, given);
  return name;
}

const own = (name: string, via: Surface) => ownName(name, via).toLowerCase();

function group(name: string) {
  return async (bench: EveryBench, via: Surface) => {
    const Members = [addressOf("alice")];
    return { Identity: await make(bench, "DistributionGroup", own(name, via), { Members }) };
  };
}

async function membersOf({ bench: { server }, given }: RowOutput<EveryBench>) {
  const { Identity } = given;
  const members = await runCmdlet(server, "Get-DistributionGroupMember", { Identity });
  return members.map((one) => one["Member"]);
}

const MEMBERS: readonly Row[] = [
  {
    cmdlet: "Get-DistributionGroupMember",
    given: { Identity: "team" },
    count: 1,
    expect({ objects: [member] }) {
      assert.equal(member?.["Member"], "bob@contoso.test");
      assert.equal(member["RecipientType"], "UserMailbox");
    },
  },
  {
    cmdlet: "Add-DistributionGroupMember",
    given: async (bench, via) => ({
      ...(await group("add")(bench, via)),
      Member: ["bob", "x@example.test"],
    }),
    count: 1,
    async expect(output) {
      assert.equal(output.objects[0]?.["MemberCount"], 3);
      const want = ["alice@contoso.test", "bob@contoso.test", "x@example.test"];
      assert.deepEqual((await membersOf(output)).toSorted(), want);
    },
  },
  {
    cmdlet: "Remove-DistributionGroupMember",
    given: async (bench, via) => ({
      ...(await group("take")(bench, via)),
      Member: ["alice"],
    }),
    count: 1,
    async expect(output) {
      assert.deepEqual(await membersOf(output), []);
    },
  },
  {
    cmdlet: "Update-DistributionGroupMember",
    given: async (bench, via) => ({
      ...(await group("update")(bench, via)),
      Members: ["bob"],
    }),
    count: 1,
    async expect(output) {
      assert.deepEqual(await membersOf(output), ["bob@contoso.test"]);
    },
  },
];

async function trusteesOf({ bench: { server }, given }: RowOutput<EveryBench>) {
  const { Identity } = given;
  const rights = await runCmdlet(server, "Get-RecipientPermission", { Identity });
  return rights.map((one) => one["Trustee"]);
}

function permission(name: string) {
  return async (bench: EveryBench, via: Surface) => {
    const given = { ...(await group(name)(bench, via)), Trustee: "alice" };
    await runCmdlet(bench.server, "Add-RecipientPermission", given);
    return given;
  };
}

const PERMISSIONS: readonly Row[] = [
  {
    cmdlet: "Add-RecipientPermission",
    given: async (bench, via) => ({ ...(await group("grant")(bench, via)), Trustee: "alice" }),
    async expect(output) {
      assert.equal((await trusteesOf(output)).length, 1);
    },
  },
  {
    cmdlet: "Get-RecipientPermission",
    given: async (bench, via) => {
      const { Identity } = await permission("granted")(bench, via);
      return { Identity };
    },
    count: 1,
    expect({ objects: [right] }) {
      assert.match(textOf(right?.["Trustee"]), /alice/);
      assert.match(textOf(right?.["AccessRights"]), /SendAs/);
    },
  },
  {
    cmdlet: "Remove-RecipientPermission",
    given: permission("revoke"),
    count: 0,
    async expect(output) {
      assert.deepEqual(await trusteesOf(output), []);
    },
  },
];

async function appPassword(
  { server }: EveryBench,
  { Mailbox, Name }: { readonly Mailbox: unknown; readonly Name: unknown },
): Promise<OutputObject | undefined> {
  const all = await runCmdlet(server, "Get-AppPassword", { Mailbox });
  return all.find((one) => one["Name"] === Name);
}

function made(name: string) {
  return async (bench: EveryBench, via: Surface) => {
    const given = { Mailbox: await make(bench, "Mailbox", own(name, via)), Name: "Scanner" };
    await runCmdlet(bench.server, "New-AppPassword", given);
    return given;
  };
}

const shownAppPassword = ({ bench, given }: RowOutput<EveryBench>) =>
  appPassword(bench, { Mailbox: given["Mailbox"], Name: given["Name"] });

const PASSWORDS: readonly Row[] = [
  {
    cmdlet: "Reset-MailboxPassword",
    given: async (bench, via) => ({ Identity: await make(bench, "Mailbox", own("reset", via)) }),
    count: 1,
    expect({ objects: [reset] }) {
      assert.ok(textOf(reset?.["Password"]).length >= 12);
    },
  },
  {
    cmdlet: "New-AppPassword",
    given: async (bench, via) => ({
      Mailbox: await make(bench, "Mailbox", own("app", via)),
      Name: "Scanner",
      MessagesPerHour: "60",
    }),
    count: 1,
    async expect(output) {
      assert.ok(textOf(output.objects[0]?.["Password"]).length >= 12);
      const shown = await shownAppPassword(output);
      assert.equal(textOf(shown?.["MessagesPerHour"]), "60");
    },
  },
  {
    cmdlet: "Get-AppPassword",
    given: made("apps"),
    count: 1,
    expect({ objects: [shown] }) {
      assert.equal(shown?.["Name"], "Scanner");
      assert.equal(shown["Enabled"], true);
    },
  },
  {
    cmdlet: "Set-AppPassword",
    given: async (bench, via) => ({ ...(await made("appset")(bench, via)), Enabled: false }),
    count: 0,
    async expect(output) {
      assert.equal((await shownAppPassword(output))?.["Enabled"], false);
    },
  },
  {
    cmdlet: "Reset-AppPassword",
    given: made("appnew"),
    count: 1,
    expect({ objects: [reset] }) {
      assert.ok(textOf(reset?.["Password"]).length >= 12);
    },
  },
  {
    cmdlet: "Remove-AppPassword",
    given: made("appgone"),
    count: 0,
    async expect(output) {
      assert.equal(await shownAppPassword(output), undefined);
    },
  },
];

const SEARCH: Row = {
  cmdlet: "Get-Recipient",
  given: { Identity: "a.smith@contoso.test" },
  count: 1,
  expect({ objects: [recipient] }) {
    assert.equal(recipient?.["Name"], "alice");
    assert.equal(recipient["RecipientType"], "UserMailbox");
  },
};

/** Recipients; chains that can run side by side. */
export const RECIPIENT_ROWS: readonly (readonly Row[])[] = [
  ...KINDS.map(nounRows),
  MEMBERS,
  PERMISSIONS,
  PASSWORDS,
  [SEARCH],
];
