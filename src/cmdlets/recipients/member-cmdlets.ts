import { MiB } from "../../base/units.ts";
import { defineCmdlet, type Invocation, type Plan } from "../../cmdlet/cmdlet.ts";
import { changedMeanwhile, matchesTag } from "../../cmdlet/entity-tag.ts";
import { FORCE, takeEdited, warnAll } from "../../cmdlet/object-change.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { requiredParameter } from "../../cmdlet/parameter.ts";
import { RecentEdits } from "../../cmdlet/recent-edits.ts";
import { type Address, addressKey } from "../../mail/address.ts";
import type {
  EditedMembers,
  EditOptions,
  MemberEdit,
  RecipientObject,
} from "../../org/organization-editor.ts";
import { labelOf, resolveAddresses } from "./find-recipient.ts";
import {
  findGroup,
  GROUP_IDENTITY,
  MEMBERS_ETAG,
  MEMBERS_IF_MATCH,
  membersTag,
  namedMembers,
  readMembers,
} from "./group-members.ts";
import { RECIPIENT_CHANGERS } from "./recipient-noun.ts";
import type { RecipientServices } from "./services.ts";

type Run = Invocation<RecipientServices>;

/** A million addresses in JSON. */
const INPUT_BYTES_MAX = 64 * MiB;
/** Addresses of one change that the audit log has, and lines of a plan. */
const LISTED_MAX = 100;
const ACTIONS_MAX = 20;

const MEMBER_CHANGE = {
  name: "DistributionGroupMemberChange",
  properties: {
    Identity: { kind: "text", doc: "The group." },
    Added: { kind: "number", doc: "How many came." },
    Removed: { kind: "number", doc: "How many went." },
    MemberCount: { kind: "number", doc: "Members of the group now." },
    MembersETag: MEMBERS_ETAG,
  },
  table: ["Identity", "Added", "Removed", "MemberCount"],
} as const satisfies OutputType;

const GIVEN = namedMembers({ min: 1 });

/** What is asked for of a group. */
interface Wish {
  readonly identity: string;
  readonly force: boolean;
  readonly ifMatch: readonly string[] | undefined;
}

/** Puts recipients, or anybody's address, into a group. */
export const addDistributionGroupMember = defineCmdlet({
  ...({ roles: RECIPIENT_CHANGERS, effect: "changes", output: MEMBER_CHANGE } as const),
  name: "Add-DistributionGroupMember",
  summary: "Puts members into a distribution group.",
  notes: ["It costs what is added, however large the group is."],
  confirmation: "none",
  inputBytesMax: INPUT_BYTES_MAX,
  examples: [
    {
      command: "Add-DistributionGroupMember team -Member alice, bob@contoso.test, x@example.test",
      doc: "A recipient by name, one by address, and somebody outside.",
    },
  ],
  parameters: {
    Identity: GROUP_IDENTITY,
    Member: requiredParameter(GIVEN, "Names of recipients, or addresses, anybody's.", {
      position: 1,
    }),
    IfMatch: MEMBERS_IF_MATCH,
    Force: FORCE,
  },
  plan: async (run: Run, input) => planOf(await add(run, input, "show")),
  async *run(run: Run, input) {
    yield changeOutput(await add(run, input, "store"));
  },
});

/** Takes members out. */
export const removeDistributionGroupMember = defineCmdlet({
  ...({ roles: RECIPIENT_CHANGERS, effect: "changes", output: MEMBER_CHANGE } as const),
  name: "Remove-DistributionGroupMember",
  summary: "Takes members out of a distribution group.",
  confirmation: "asks",
  inputBytesMax: INPUT_BYTES_MAX,
  examples: [
    { command: "Remove-DistributionGroupMember team -Member bob", doc: "Bob gets no more of it." },
  ],
  parameters: {
    Identity: GROUP_IDENTITY,
    Member: requiredParameter(GIVEN, "Names of recipients, or addresses.", {
      position: 1,
      pipeline: "property",
    }),
    IfMatch: MEMBERS_IF_MATCH,
    Force: FORCE,
  },
  plan: async (run: Run, input) => planOf(await remove(run, input, "show")),
  async *run(run: Run, input) {
    yield changeOutput(await remove(run, input, "store"));
  },
});

/** Makes these and nobody else the members. */
export const updateDistributionGroupMember = defineCmdlet({
  ...({ roles: RECIPIENT_CHANGERS, effect: "changes", output: MEMBER_CHANGE } as const),
  name: "Update-DistributionGroupMember",
  summary: "Makes these the members of a distribution group, and nobody else.",
  notes: ["Only the difference is written: who stays keeps his place."],
  confirmation: "asks",
  inputBytesMax: INPUT_BYTES_MAX,
  examples: [
    {
      command: "Update-DistributionGroupMember team -Members alice, bob",
      doc: "The group is these two from now on.",
    },
  ],
  parameters: {
    Identity: GROUP_IDENTITY,
    Members: requiredParameter(
      namedMembers({}),
      "Names of recipients, or addresses, anybody's; @() for none.",
      { position: 1 },
    ),
    IfMatch: MEMBERS_IF_MATCH,
    Force: FORCE,
  },
  plan: async (run: Run, input) => planOf(await update(run, input, "show")),
  async *run(run: Run, input) {
    yield changeOutput(await update(run, input, "store"));
  },
});

/** Who has changed members last, for those who come too late. */
const recentEdits = new RecentEdits();

type Mode = EditOptions["mode"];

/** What became of a group, or would. */
interface Done {
  readonly name: string;
  readonly countBefore: number;
  readonly edited: EditedMembers;
  readonly tag: string;
}

async function add(
  run: Run,
  wish: Wish & { readonly member: readonly string[] },
  mode: Mode,
): Promise<Done> {
  const added = await resolveAddresses(run, wish.member, "Member");
  const done = await edit(run, wish, { mode, lists: async () => ({ added, removed: [] }) });
  tellOthers(run, { asked: added, done: done.edited.added, problem: "is a member already" });
  return done;
}

async function remove(
  run: Run,
  wish: Wish & { readonly member: readonly string[] },
  mode: Mode,
): Promise<Done> {
  const removed = await resolveAddresses(run, wish.member, "Member");
  const done = await edit(run, wish, { mode, lists: async () => ({ added: [], removed }) });
  tellOthers(run, { asked: removed, done: done.edited.removed, problem: "is no member" });
  return done;
}

async function update(
  run: Run,
  wish: Wish & { readonly members: readonly string[] },
  mode: Mode,
): Promise<Done> {
  const added = await resolveAddresses(run, wish.members, "Members");
  const stay = new Set(added.map(addressKey));
  return edit(run, wish, {
    mode,
    async lists(group) {
      const removed: Address[] = [];
      for await (const { members } of readMembers(run.services.organization, group)) {
        for (const member of members) if (!stay.has(addressKey(member))) removed.push(member);
      }
      return { added, removed };
    },
  });
}

async function edit(
  { services, caller, changed, warn }: Run,
  { identity, force, ifMatch }: Wish,
  how: {
    readonly mode: Mode;
    readonly lists: (
      group: Awaited<ReturnType<typeof findGroup>>,
    ) => Promise<Pick<MemberEdit, "added" | "removed">>;
  },
): Promise<Done> {
  const { organization: editor } = services;
  const group = await findGroup(editor, identity);
  const { name, memberCount: countBefore } = group;
  const options = { mode: how.mode, ...(force && { override: "file" as const }) };
  const lists = await how.lists(group);
  const label = labelOf(group);
  let before = membersTag(group);
  const check = (now: RecipientObject) => {
    before = membersTag(now);
    if (matchesTag(ifMatch, before)) return;
    const seen = (ifMatch ?? []).map((one) => one.replace(/^"(.*)"$/, "$1"));
    const told = seen.flatMap(
      (tag) => recentEdits.between(label, { before: tag, after: before }) ?? [],
    );
    throw changedMeanwhile(label, told[0]);
  };
  const edited = takeEdited(await editor.editMembers({ name, ...lists, check }, options));
  const tag = membersTag(await findGroup(editor, name));
  recentEdits.add(label, { who: caller.name, names: ["Members"], before, after: tag });
  warnAll(edited, warn);
  const { added, removed } = edited;
  if (how.mode === "store" && added.length + removed.length > 0) {
    changed({
      object: label,
      before: { MemberCount: countBefore },
      after: {
        MemberCount: countBefore + added.length - removed.length,
        Added: added.slice(0, LISTED_MAX),
        AddedCount: added.length,
        Removed: removed.slice(0, LISTED_MAX),
        RemovedCount: removed.length,
      },
    });
  }
  return { name, countBefore, edited, tag };
}

/** Warns of those that there was nothing to do about. */
function tellOthers(
  { warn }: Run,
  told: {
    readonly asked: readonly Address[];
    readonly done: readonly Address[];
    readonly problem: string;
  },
): void {
  const done = new Set(told.done.map(addressKey));
  const others = told.asked.filter((address) => !done.has(addressKey(address)));
  for (const address of others.slice(0, ACTIONS_MAX)) warn(`${address} ${told.problem}`);
  if (others.length > ACTIONS_MAX) warn(`${others.length - ACTIONS_MAX} more: the same`);
}

function planOf({ name, edited: { added, removed } }: Done): Plan {
  const actions = [
    ...removed.slice(0, ACTIONS_MAX).map((one) => `Remove ${one} from DistributionGroup ${name}`),
    ...added.slice(0, ACTIONS_MAX).map((one) => `Add ${one} to DistributionGroup ${name}`),
  ];
  return { actions: actions.slice(0, ACTIONS_MAX), count: added.length + removed.length };
}

function changeOutput({ name, countBefore, edited: { added, removed }, tag }: Done) {
  return {
    Identity: name,
    Added: added.length,
    Removed: removed.length,
    MemberCount: countBefore + added.length - removed.length,
    MembersETag: tag,
  };
}
