/** A member of a group, as Get-DistributionGroupMember has it. */
export interface Member {
  readonly Member: string | null;
  readonly Name: string | null;
  readonly RecipientType: string | null;
}

/** A line of the tree of members. */
export interface MemberRow {
  /** Where in the tree it is; members of the group itself have their address. */
  readonly key: string;
  readonly address: string;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly depth: number;
  /** A group in the group. */
  readonly isGroup: boolean;
  readonly isOpen: boolean;
  /** A group that has itself among its members, however far up: it is not opened once more. */
  readonly isCycle: boolean;
  /** An open group with further members that are not among the rows. */
  readonly isCut: boolean;
}

const GROUP = "MailUniversalDistributionGroup";
/** No character of an address. */
const STEP = "\n";

/** The members of a group, with those of its open groups below them. */
export function memberRows(of: {
  readonly group: string;
  readonly members: readonly Member[];
  readonly open: ReadonlySet<string>;
  /** Of groups in the group, by address in lower case; `undefined`: not read yet. */
  readonly membersOf: (address: string) => readonly Member[] | undefined;
  /** As many of them are read at most. */
  readonly shownMax: number;
}): readonly MemberRow[] {
  const rows: MemberRow[] = [];
  const add = (
    members: readonly Member[],
    place: { readonly path: string; readonly above: readonly string[] },
  ) => {
    for (const { Member: address, Name, RecipientType } of members) {
      if (address === null) continue;
      const folded = address.toLowerCase();
      const key = place.path === "" ? address : `${place.path}${STEP}${address}`;
      const isCycle = place.above.includes(folded);
      const isGroup = RecipientType === GROUP;
      const isOpen = isGroup && !isCycle && of.open.has(key);
      const inner = isOpen ? (of.membersOf(folded) ?? []) : [];
      rows.push({
        ...{ key, address, isGroup, isOpen, isCycle, isCut: inner.length >= of.shownMax },
        depth: place.above.length - 1,
        ...{ name: Name ?? undefined, type: RecipientType ?? undefined },
      });
      add(inner, { path: key, above: [...place.above, folded] });
    }
  };
  add(of.members, { path: "", above: [of.group.toLowerCase()] });
  return rows;
}

/** The groups that are open, in lower case, each once. */
export function openGroups(open: ReadonlySet<string>): readonly string[] {
  const last = [...open].map((key) => (key.split(STEP).at(-1) ?? key).toLowerCase());
  return [...new Set(last)];
}

/** Whether a row is a member of the group itself, and not of one in it. */
export function isDirect(key: string): boolean {
  return !key.includes(STEP);
}
