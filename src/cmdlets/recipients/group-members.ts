import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { IF_MATCH } from "../../cmdlet/entity-tag.ts";
import type { OutputOf, OutputProperty, OutputType } from "../../cmdlet/output-type.ts";
import { moreResultsWarning, RESULT_SIZE_DEFAULT } from "../../cmdlet/paging.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import { compileWildcard } from "../../cmdlet/wildcard.ts";
import type { Address } from "../../mail/address.ts";
import type { OrganizationEditor, RecipientObject } from "../../org/organization-editor.ts";
import { INTEGER_MAX, integer, line, listOf } from "../../org/settings/setting-types.ts";
import type { MemberSlice } from "../../store/organization-store.ts";
import {
  findRecipient,
  IDENTITY_MAX,
  primaryAddressOf,
  recipientIdentity,
} from "./find-recipient.ts";
import { RECIPIENT_READERS } from "./recipient-noun.ts";
import { RECIPIENT_TYPES } from "./recipient-output.ts";
import type { RecipientServices } from "./services.ts";

/** Members looked up at a time. */
const SLICE = 500;
const MEMBERS_MAX = 10_000_000;
/** Members of one call. */
const GIVEN_MAX = 1_000_000;

/** Members as they are given: names of recipients, or addresses; see `resolveAddresses`. */
export function namedMembers({ min = 0 }: { readonly min?: number }) {
  return listOf(line({ max: IDENTITY_MAX }), { min, max: GIVEN_MAX });
}

/** `-Identity` of a group. */
export const GROUP_IDENTITY = recipientIdentity("DistributionGroup", "group");

/** `MembersETag` of a group's members. */
export const MEMBERS_ETAG: OutputProperty = {
  kind: "text",
  doc:
    "Stands for who is in the group; -IfMatch of what changes its members says that nobody has " +
    "come or gone. The group's own ETag is about all else of it.",
};

/** `-IfMatch` of the cmdlets that change members. */
export const MEMBERS_IF_MATCH = {
  ...IF_MATCH,
  doc: "MembersETag as it was seen: members are changed only if they are still those.",
};

/** What stands for the members of a group: read before them, so that it is never newer. */
export function membersTag({ membersVersion = 0, memberCount }: RecipientObject): string {
  return `${membersVersion}-${memberCount}`;
}

const GROUP_MEMBER = {
  name: "DistributionGroupMember",
  properties: {
    Identity: { kind: "text", doc: "The group." },
    Member: { kind: "text", doc: "The member's address, as the group has it." },
    Name: { kind: "text", doc: "The recipient's name; nothing: somebody outside." },
    RecipientType: {
      kind: "choice",
      doc: "What kind of recipient it is; nothing: somebody outside.",
      choices: Object.values(RECIPIENT_TYPES),
    },
    PrimarySmtpAddress: { kind: "text", doc: "The recipient's primary address." },
    Place: { kind: "number", doc: "Where in the group it is; a place stays a member's own." },
    MembersETag: MEMBERS_ETAG,
  },
  table: ["Member", "Name", "RecipientType"],
} as const satisfies OutputType;

/** Who is in a group. */
export const getDistributionGroupMember = defineCmdlet({
  name: "Get-DistributionGroupMember",
  summary: "Shows who is in a distribution group.",
  notes: ["A group in the group is one member; its own members are not shown."],
  roles: RECIPIENT_READERS,
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-DistributionGroupMember team", doc: "The first 1000." },
    {
      command: "Get-DistributionGroupMember team -ResultSize Unlimited -Format csv",
      doc: "All of them, for a spreadsheet.",
    },
  ],
  parameters: {
    Identity: GROUP_IDENTITY,
    Member: optionalParameter(
      line({ max: IDENTITY_MAX }),
      "Only those with this in address or name; with * or ? in it, the whole of one of them.",
    ),
    BookmarkObject: optionalParameter(
      integer({ min: 0, max: INTEGER_MAX }),
      "The Place of a member: the results begin behind it.",
    ),
    ResultSize: defaultedParameter(
      integer({ min: 1, max: MEMBERS_MAX, unlimited: true }),
      String(RESULT_SIZE_DEFAULT),
      "The most members to put out, or Unlimited.",
    ),
  },
  output: GROUP_MEMBER,
  async *run({ services, signal, warn, progress }: Invocation<RecipientServices>, input) {
    const { organization: editor } = services;
    const { identity, member: wanted, bookmarkObject, resultSize } = input;
    const group = await findGroup(editor, identity);
    const matches = wanted === undefined ? () => true : matchMember(wanted);
    const { memberCount: total } = group;
    let [count, done] = [0, 0];
    const from = bookmarkObject === undefined ? 0 : bookmarkObject + 1;
    for await (const { members, places } of readMembers(editor, group, from)) {
      signal.throwIfAborted();
      const found = await editor.findAll(members);
      for (const [index, member] of members.entries()) {
        const shown = memberOutput(group, { member, place: places[index] }, found[index]);
        if (!matches(shown)) continue;
        count += 1;
        if (count > resultSize) {
          warn(moreResultsWarning(resultSize));
          return;
        }
        yield shown;
      }
      done += members.length;
      progress({ activity: "Looking through members", done, total, unit: "members" });
    }
  },
});

function matchMember(wanted: string): (member: OutputOf<typeof GROUP_MEMBER>) => boolean {
  const matches = compileWildcard(/[*?]/.test(wanted) ? wanted : `*${wanted}*`);
  return ({ Member, Name }) => matches(Member ?? "") || matches(Name ?? "");
}

/** The group of that name or address. @throws CmdletFault */
export function findGroup(editor: OrganizationEditor, identity: string): Promise<RecipientObject> {
  const where = { kinds: ["distributionGroup"] as const, parameter: "Identity" };
  return findRecipient(editor, identity, where);
}

/** The members of a group from a place on, some at a time. */
export async function* readMembers(
  editor: OrganizationEditor,
  group: RecipientObject,
  place = 0,
): AsyncGenerator<MemberSlice> {
  const address = primaryAddressOf(group);
  for (let from: number | undefined = place; from !== undefined; ) {
    const slice: MemberSlice = await editor.readMembers(address, { from, limit: SLICE });
    if (slice.members.length > 0) yield slice;
    from = slice.next;
  }
}

function memberOutput(
  group: RecipientObject,
  { member, place }: { readonly member: Address; readonly place: number | undefined },
  found: RecipientObject | undefined,
): OutputOf<typeof GROUP_MEMBER> {
  return {
    Identity: group.name,
    Member: member,
    Name: found?.name ?? null,
    RecipientType: found === undefined ? null : RECIPIENT_TYPES[found.kind],
    PrimarySmtpAddress: found === undefined ? null : primaryAddressOf(found),
    Place: place ?? null,
    MembersETag: membersTag(group),
  };
}
