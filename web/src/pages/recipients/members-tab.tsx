import { Button, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import {
  ChevronDownRegular,
  ChevronRightRegular,
  ClipboardPasteRegular,
  DeleteRegular,
} from "@fluentui/react-icons";
import { useMemo, useState } from "react";
import { useCmdletPages } from "../../api/cmdlet-pages.ts";
import { useCmdlets } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { RecipientPicker } from "../../widgets/recipient-picker.tsx";
import { readingRows } from "../../widgets/row-source.ts";
import { RunDialog, Warnings } from "../../widgets/run-dialog.tsx";
import { useSelection } from "../../widgets/selection.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts as shared } from "../../widgets/texts.ts";
import { useRun } from "../../widgets/use-run.ts";
import { useSettled } from "../../widgets/use-settled.ts";
import { isDirect, type MemberRow, memberRows, openGroups } from "./member-rows.ts";
import { PasteDialog } from "./paste-dialog.tsx";
import { kindOf } from "./recipient-kind.ts";
import type { ShownRecipient } from "./shown-recipient.ts";
import { texts } from "./texts.ts";

type Member = OutputOf<"Get-DistributionGroupMember">;

const PAGE_SIZE = 200;
/** Members of a group in the group; whoever wants the others opens that group. */
const INNER_SHOWN = 1_000;
/** So many are seen at a glance. */
const SEARCHED_FROM = 10;
const SETTLED_MS = 250;
const INDENT_PX = 20;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "12px" },
  table: { display: "flex", height: "min(420px, 60vh)" },
  tools: { display: "flex", flexWrap: "wrap", gap: "8px" },
  toggle: { minWidth: "24px", width: "24px", height: "24px", padding: 0, marginInlineEnd: "4px" },
  place: { display: "inline-block", width: "28px" },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** Who is in a group, groups in it included; one more, many at once, some less. */
export function MembersTab({ group }: { readonly group: ShownRecipient }) {
  const styles = useStyles();
  const mayRun = useMayRun();
  const notify = useNotify();
  const selection = useSelection();
  const { state, run } = useRun();
  const [asking, setAsking] = useState<"remove" | "paste">();
  const identity = String(group["PrimarySmtpAddress"]);
  const members = useMembers(identity, Number(group["MemberCount"] ?? 0));
  const chosen = [...selection.keys].filter(isDirect);
  const add = async (address: string) => {
    const parameters = { Identity: identity, Member: [address] };
    const isDone = await run({ cmdlet: "Add-DistributionGroupMember", parameters });
    if (!isDone) return;
    const undo = { cmdlet: "Remove-DistributionGroupMember", parameters };
    notify({ title: texts.memberAdded(address), undo });
  };
  return (
    <div className={styles.root}>
      <Text>{texts.membersAbout}</Text>
      {mayRun("Add-DistributionGroupMember") && (
        <RecipientPicker
          label={texts.addMember}
          takesAnyAddress
          onPick={(address) => void add(address)}
        />
      )}
      {state.kind === "failed" && <FaultNotice fault={state.fault} />}
      {state.kind === "done" && <Warnings warnings={state.result.warnings} />}
      <div className={styles.tools}>
        {mayRun("Add-DistributionGroupMember") && (
          <Button icon={<ClipboardPasteRegular />} onClick={() => setAsking("paste")}>
            {texts.pasteMembers}
          </Button>
        )}
        {mayRun("Remove-DistributionGroupMember") && chosen.length > 0 && (
          <Button icon={<DeleteRegular />} onClick={() => setAsking("remove")}>
            {texts.removeMembers(chosen.length)}
          </Button>
        )}
        <ShowCmdlet call={members.call} />
      </div>
      <MemberTable members={members} selection={selection} />
      {asking === "remove" && (
        <RemoveDialog
          group={group}
          chosen={chosen}
          tag={members.tag}
          onClose={({ isDone }) => {
            setAsking(undefined);
            if (isDone) selection.set([]);
            members.pages.readAgain();
          }}
        />
      )}
      {asking === "paste" && (
        <PasteDialog
          name={String(group["Name"])}
          identity={identity}
          tag={members.tag}
          onClose={() => {
            setAsking(undefined);
            members.pages.readAgain();
          }}
        />
      )}
    </div>
  );
}

function RemoveDialog(props: {
  readonly group: ShownRecipient;
  readonly chosen: readonly string[];
  readonly tag: string | undefined;
  readonly onClose: (how: { readonly isDone: boolean }) => void;
}) {
  const { group, chosen, onClose } = props;
  const notify = useNotify();
  // What was chosen was chosen among the members as they were then.
  const [tag] = useState(props.tag);
  const parameters = { Identity: String(group["PrimarySmtpAddress"]), Member: chosen };
  return (
    <RunDialog
      title={texts.removeMembersTitle(String(group["Name"]))}
      call={{
        cmdlet: "Remove-DistributionGroupMember",
        parameters: { ...parameters, ...(tag && { IfMatch: tag }) },
      }}
      verb={texts.removeVerb}
      onClose={({ isDone }) => {
        const undo = { cmdlet: "Add-DistributionGroupMember", parameters };
        if (isDone) notify({ title: texts.membersRemoved(chosen.length), undo });
        onClose({ isDone });
      }}
    />
  );
}

/** The members of a group as a tree, read as they come into view and as its groups are opened. */
function useMembers(identity: string, memberCount: number) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [search, setSearch] = useState("");
  const wanted = useSettled(search.trim(), SETTLED_MS);
  const call = {
    cmdlet: "Get-DistributionGroupMember" as const,
    parameters: { Identity: identity, ...(wanted !== "" && { Member: wanted }) },
  };
  const bookmarkOf = ({ Place }: Member) => Place ?? 0;
  const pages = useCmdletPages<Member>(call, { pageSize: PAGE_SIZE, bookmarkOf });
  const groups = openGroups(open);
  const inner = useCmdlets(
    groups.map((group) => ({
      cmdlet: "Get-DistributionGroupMember" as const,
      parameters: { Identity: group, ResultSize: INNER_SHOWN },
    })),
  );
  const rows = memberRows({
    group: identity,
    open,
    members: pages.rows,
    membersOf: (address) => inner[groups.indexOf(address)]?.data?.objects,
    shownMax: INNER_SHOWN,
  });
  const toggle = (key: string) => {
    const after = new Set(open);
    if (!after.delete(key)) after.add(key);
    setOpen(after);
  };
  const fault = pages.error ?? inner.find(({ error }) => error !== null)?.error ?? undefined;
  return {
    ...{ call, pages, rows, toggle, search, setSearch, fault },
    isSearched: wanted !== "",
    total: Math.max(memberCount, pages.rows.length),
    tag: pages.rows[0]?.MembersETag ?? undefined,
  };
}

function MemberTable(props: {
  readonly members: ReturnType<typeof useMembers>;
  readonly selection: ReturnType<typeof useSelection>;
}) {
  const { members, selection } = props;
  const { pages, rows, toggle, search, setSearch, fault, isSearched, total } = members;
  const styles = useStyles();
  const mayRemove = useMayRun()("Remove-DistributionGroupMember");
  const columns = useColumns(toggle);
  const { hasMore, readMore, isPending } = pages;
  return (
    <>
      {fault && <FaultNotice fault={fault} onRetry={pages.readAgain} />}
      {total > SEARCHED_FROM && (
        <Input
          aria-label={texts.filterMembers}
          placeholder={texts.filterMembers}
          value={search}
          onChange={(_event, { value }) => setSearch(value)}
        />
      )}
      {isPending && !fault && <Loading />}
      {!isPending && !isSearched && rows.length === 0 && <Text>{texts.noMembers}</Text>}
      {!isPending && (isSearched || rows.length > 0) && (
        <>
          <Text size={200} role="status">
            {isSearched
              ? texts.membersFound(pages.rows.length, { has: hasMore })
              : texts.memberCount(total)}
          </Text>
          <div className={styles.table}>
            <DataTable
              label={texts.members}
              columns={columns}
              rows={readingRows({ rows, hasMore, readMore })}
              keyOf={({ key }) => key}
              nameOf={({ address }) => address}
              {...(mayRemove && { selection })}
              empty={<Text>{shared.nothingHere}</Text>}
            />
          </div>
        </>
      )}
    </>
  );
}

function useColumns(toggle: (key: string) => void): readonly Column<MemberRow>[] {
  const styles = useStyles();
  return useMemo(
    () => [
      {
        ...{ key: "name", title: texts.name, width: "minmax(140px, 1fr)", priority: 1 },
        render: ({ key, name, address, depth, isGroup, isOpen, isCycle, isCut }) => {
          const label = (isOpen ? texts.collapse : texts.expand)(name ?? address);
          return (
            <span style={{ paddingInlineStart: `${depth * INDENT_PX}px` }}>
              {isGroup && !isCycle ? (
                <Button
                  className={styles.toggle}
                  appearance="subtle"
                  size="small"
                  aria-expanded={isOpen}
                  aria-label={visibleText(label)}
                  icon={isOpen ? <ChevronDownRegular /> : <ChevronRightRegular />}
                  onClick={() => toggle(key)}
                />
              ) : (
                <span className={styles.place} />
              )}
              <bdi>{visibleText(name ?? address)}</bdi>
              {isCycle && <span className={styles.quiet}> ({texts.isCycle})</span>}
              {isCut && <span className={styles.quiet}> ({texts.isCut(INNER_SHOWN)})</span>}
            </span>
          );
        },
      },
      {
        ...{ key: "address", title: texts.address, width: "minmax(140px, 1fr)", priority: 2 },
        render: ({ address }) => <bdi>{visibleText(address)}</bdi>,
      },
      {
        ...{ key: "kind", title: texts.kind, width: "80px", priority: 3 },
        render: ({ type }) => {
          const kind = kindOf(type);
          return kind?.title ?? texts.outside;
        },
      },
    ],
    [toggle, styles],
  );
}
