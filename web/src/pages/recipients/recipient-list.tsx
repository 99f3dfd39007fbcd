import { Button, makeStyles, Text } from "@fluentui/react-components";
import { AddRegular, ArrowClockwiseRegular } from "@fluentui/react-icons";
import { type ReactNode, Suspense, useMemo } from "react";
import type { CmdletFault } from "../../api/cmdlet-fault.ts";
import { useCmdletPages } from "../../api/cmdlet-pages.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { formatNumber } from "../../base/texts.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { DetailPanel, SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { ObjectForm } from "../../widgets/form/object-form.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { usePagedRows } from "../../widgets/paged-rows.ts";
import { type RowSource, readingRows } from "../../widgets/row-source.ts";
import { SearchField } from "../../widgets/search-field.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { sortOf, sortOrderOf, sortText } from "../../widgets/sorting.ts";
import { texts as shared } from "../../widgets/texts.ts";
import { useSettled } from "../../widgets/use-settled.ts";
import {
  KINDS,
  kindOf,
  NOT_IN_FORMS,
  type RecipientKind,
  type RecipientType,
} from "./recipient-kind.ts";
import { RecipientPanel } from "./recipient-panel.tsx";
import { texts } from "./texts.ts";

type Recipient = OutputOf<"Get-Recipient">;

const PAGE_SIZE = 200;
const SETTLED_MS = 250;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  tools: { display: "flex", gap: "12px", flexWrap: "wrap", alignItems: "center" },
  search: { width: "min(360px, 100%)" },
});

/** What a list of recipients is made of. */
interface RecipientListProps {
  /** Absent: all kinds. */
  readonly type?: RecipientType;
  readonly title: string;
  readonly about: string;
  readonly newTitle?: string;
  readonly emptyTitle: string;
  readonly emptyHint: string;
}

/** Recipients, however many: read page by page, searched on the server. */
export function RecipientList(props: RecipientListProps) {
  const { type, title, about, newTitle } = props;
  const styles = useStyles();
  const mayRun = useMayRun();
  const [state, setState] = usePageState();
  const kind = kindOf(type);
  const { call, listed, isSearched } = useRecipients(type);
  const detail = useDetail({ newTitle, kind });
  const newButton = kind && newTitle !== undefined && mayRun(`New-${kind.noun}`) && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => setState({ mode: "new" })}>
      {newTitle}
    </Button>
  );
  return (
    <div className={styles.root}>
      <PageHeader title={title} about={about}>
        {newButton}
        <ShowCmdlet call={call} />
        <Button
          appearance="subtle"
          icon={<ArrowClockwiseRegular />}
          aria-label={shared.refresh}
          onClick={listed.readAgain}
        />
      </PageHeader>
      {listed.fault && <FaultNotice fault={listed.fault} onRetry={listed.readAgain} />}
      <SplitView
        list={
          <>
            <div className={styles.tools}>
              <SearchField
                className={styles.search}
                hint={texts.searchHint}
                value={state["search"]}
                onSearch={(text) => setState({ search: text }, { isReplacing: true })}
              />
              <Text size={200} role="status">
                {!listed.isPending && listed.shown}
              </Text>
            </div>
            {listed.isPending && !listed.fault && <Loading />}
            {!listed.isPending && (
              <RecipientTable {...props} source={listed.source} isSearched={isSearched} />
            )}
          </>
        }
        detail={detail}
      />
    </div>
  );
}

/** What the list shows of recipients. */
interface Listed {
  readonly source: RowSource<Recipient>;
  readonly shown: string;
  readonly isPending: boolean;
  readonly fault: CmdletFault | undefined;
  readonly readAgain: () => void;
}

/** Recipients of a kind, or of all, as the page's address wants them. */
function useRecipients(type: RecipientType | undefined) {
  const [state] = usePageState();
  const search = useSettled((state["search"] ?? "").trim(), SETTLED_MS);
  const { SortOrder: SortBy } = sortOrderOf(state["sort"]);
  const wanted = {
    ...(search !== "" && { Identity: `*${search}*` }),
    ...(type && { RecipientType: [type] }),
  };
  const parameters = { ...wanted, ...(SortBy !== undefined && { SortBy }) };
  const plain = usePlain(wanted, { isEnabled: SortBy === undefined, isSearched: search !== "" });
  const sorted = useSorted(parameters, { isEnabled: SortBy !== undefined });
  const call = { cmdlet: "Get-Recipient", parameters };
  const listed = SortBy === undefined ? plain : sorted;
  return { call, listed, isSearched: search !== "" };
}

/** By kind and name, read on as one scrolls: of a million as fast as of ten. */
function usePlain(
  wanted: object,
  { isEnabled, isSearched }: { readonly isEnabled: boolean; readonly isSearched: boolean },
): Listed {
  const counted = { cmdlet: "Get-Recipient", parameters: { ...wanted, ReturnPageInfo: true } };
  const bookmarkOf = (last: Recipient) => last.PrimarySmtpAddress ?? "";
  const pages = useCmdletPages<Recipient>(
    isSearched ? { ...counted, parameters: { ...wanted } } : counted,
    { pageSize: PAGE_SIZE, bookmarkOf, isEnabled },
  );
  const { rows, hasMore } = pages;
  // Whoever searches sees the first ones at once; to count them all takes the server longer.
  const count = useCmdletPages<Recipient>(counted, {
    pageSize: 1,
    isEnabled: isEnabled && isSearched && hasMore,
  });
  const total = isSearched ? count.total : pages.total;
  return {
    source: readingRows(pages),
    shown: texts.shown(rows.length, { has: hasMore, total }),
    isPending: pages.isPending,
    fault: pages.error ?? undefined,
    readAgain: pages.readAgain,
  };
}

/** Sorted by the server, which shows any part of it. */
function useSorted(parameters: object, { isEnabled }: { readonly isEnabled: boolean }): Listed {
  const paged = usePagedRows({ cmdlet: "Get-Recipient", parameters }, { isEnabled });
  const { rows, total, fault } = paged;
  return {
    source: rows,
    shown: texts.shown(total ?? 0, { has: false, total }),
    isPending: total === undefined,
    fault,
    readAgain: paged.refetch,
  };
}

/** What stands beside the list; nothing when nothing is open. */
function useDetail(of: {
  readonly newTitle: string | undefined;
  readonly kind: RecipientKind | undefined;
}): ReactNode {
  const { newTitle, kind } = of;
  const [state, setState] = usePageState();
  const { open, mode } = state;
  const close = () => setState({ open: undefined, mode: undefined, tab: undefined });
  if (mode === "new" && kind !== undefined) {
    return (
      <DetailPanel title={newTitle ?? ""} onClose={close}>
        <Suspense fallback={<Loading />}>
          <ObjectForm
            cmdlet={`New-${kind.noun}`}
            sections={[...kind.made, ...kind.sections.slice(1)]}
            except={NOT_IN_FORMS}
            onCancel={close}
            onDone={(name) => setState({ open: name, mode: undefined })}
          />
        </Suspense>
      </DetailPanel>
    );
  }
  if (open === undefined) return undefined;
  return <RecipientPanel key={open} identity={open} kind={kind} onClose={close} />;
}

function RecipientTable(
  props: RecipientListProps & {
    readonly source: RowSource<Recipient>;
    readonly isSearched: boolean;
  },
) {
  const { type, title, emptyTitle, emptyHint, source, isSearched } = props;
  const [state, setState] = usePageState();
  const columns = useMemo(() => columnsOf(type), [type]);
  // Names of one kind are told apart by themselves; of all kinds, by addresses.
  const keyOf = (row: Recipient) => (type ? row.Identity : row.PrimarySmtpAddress) ?? "";
  return (
    <DataTable
      label={title}
      columns={columns}
      rows={source}
      keyOf={keyOf}
      sort={sortOf(state["sort"])}
      onSort={(next) => setState({ sort: sortText(next) })}
      nameOf={(row) => row.Name ?? ""}
      openKey={state["open"]}
      onOpen={(row) => setState({ open: keyOf(row), mode: undefined })}
      empty={
        isSearched ? (
          <EmptyState title={texts.nobodyFound}>{texts.nobodyFoundHint}</EmptyState>
        ) : (
          <EmptyState title={emptyTitle}>{emptyHint}</EmptyState>
        )
      }
    />
  );
}

function text(value: string | null) {
  return <bdi>{visibleText(value ?? "")}</bdi>;
}

const EXTERNAL: Column<Recipient> = {
  ...{
    key: "ExternalEmailAddress",
    isSortable: true,
    title: texts.external,
    width: "minmax(140px, 2fr)",
    priority: 3,
  },
  render: (row) => text(row.ExternalEmailAddress),
};

function columnsOf(type: RecipientType | undefined): readonly Column<Recipient>[] {
  const last: Readonly<Record<RecipientType, Column<Recipient>>> = {
    UserMailbox: {
      ...{
        key: "ForwardingAddress",
        isSortable: true,
        title: texts.forwarding,
        width: "minmax(120px, 1fr)",
        priority: 3,
      },
      render: (row) => text(row.ForwardingAddress),
    },
    MailUser: EXTERNAL,
    MailContact: EXTERNAL,
    MailUniversalDistributionGroup: {
      ...{
        key: "MemberCount",
        isSortable: true,
        title: texts.members,
        width: "90px",
        align: "end",
      },
      render: (row) => (row.MemberCount == null ? "" : formatNumber(row.MemberCount)),
    },
  };
  return [
    {
      ...{
        key: "Name",
        isSortable: true,
        title: texts.name,
        width: "minmax(120px, 2fr)",
        priority: 1,
      },
      render: (row) => text(row.Name),
    },
    {
      ...{
        key: "PrimarySmtpAddress",
        isSortable: true,
        title: texts.address,
        width: "minmax(160px, 3fr)",
        priority: 1,
      },
      render: (row) => text(row.PrimarySmtpAddress),
    },
    type === undefined
      ? {
          ...{
            key: "RecipientType",
            isSortable: true,
            title: texts.kind,
            width: "minmax(90px, 1fr)",
          },
          render: (row) => kindTitle(row),
        }
      : last[type],
  ];
}

function kindTitle({ RecipientType }: Recipient): string {
  return RecipientType === null ? "" : KINDS[RecipientType].title;
}
