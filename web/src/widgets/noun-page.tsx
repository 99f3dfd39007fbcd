import { Button, makeStyles, Text, ToolbarButton } from "@fluentui/react-components";
import {
  AddRegular,
  ArrowClockwiseRegular,
  DeleteRegular,
  EditRegular,
} from "@fluentui/react-icons";
import { type ComponentType, type ReactNode, Suspense, useMemo, useState } from "react";
import { useCmdlet } from "../api/cmdlet-query.ts";
import type { CmdletName } from "../api/run-cmdlet.ts";
import { useMayRun } from "../api/session.ts";
import { visibleText } from "../base/visible-text.ts";
import { ChangesButton } from "./changes-button.tsx";
import { type Column, DataTable } from "./data-table.tsx";
import { DetailPanel, SplitView } from "./detail-panel.tsx";
import { EmptyState } from "./empty-state.tsx";
import { FaultNotice } from "./fault-notice.tsx";
import { type FormSection, ObjectForm } from "./form/object-form.tsx";
import type { FieldHelp } from "./form/value-field-props.ts";
import { Loading } from "./loading.tsx";
import { missingPanel } from "./missing-panel.tsx";
import { useNotify } from "./notify.tsx";
import { PageHeader } from "./page-header.tsx";
import { type PageState, usePageState } from "./page-state.ts";
import { formatValue, PropertyList } from "./property-list.tsx";
import { arrayRows } from "./row-source.ts";
import { RunDialog, Warnings } from "./run-dialog.tsx";
import { SearchField } from "./search-field.tsx";
import { ShowCmdlet } from "./show-cmdlet.tsx";
import { texts } from "./texts.ts";
import { ToolRow } from "./tool-row.tsx";
import { useEdited } from "./use-edited.ts";

/** An object as its Get cmdlet shows it. */
export type ShownObject = Readonly<Record<string, unknown>>;

/** What a page of one kind of objects is made of. */
export interface NounPageProps {
  /** `ReceiveConnector`; its Get-, New-, Set- and Remove- cmdlets are what the page does. */
  readonly noun: string;
  /** Exchange has `Add` for entries of lists; absent: New. */
  readonly makingVerb?: "New" | "Add";
  readonly title: string;
  readonly about: ReactNode;
  /** Property names; the first is the object's name. */
  readonly columns: readonly NounColumn[];
  readonly sections: readonly FormSection[];
  /** Parameters that forms leave alone. */
  readonly except?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Of fields, by parameter name. */
  readonly help?: Readonly<Record<string, FieldHelp>>;
  /** What a new object begins with. */
  readonly initial?: ShownObject;
  /** The word for making one: `New receive connector`. */
  readonly newTitle: string;
  /** What an empty list says. */
  readonly emptyTitle: string;
  readonly emptyHint: string;
  /** Further buttons of an object. */
  readonly actions?: (object: ShownObject) => ReactNode;
  /** Stands above the properties of an object. */
  readonly detail?: (object: ShownObject) => ReactNode;
  /** Further buttons of the page. */
  readonly children?: ReactNode;
  /** In place of the form that makes one: it asks first what the object is for. */
  readonly newForm?: ComponentType<NewFormProps>;
  /** Further parameters of the Get cmdlet. */
  readonly query?: ShownObject;
}

/** A form of a page's own that makes an object. */
export interface NewFormProps {
  /** It is made; its detail is opened. */
  readonly onDone: (name: string) => void;
  readonly onCancel: () => void;
}

/** A column of a page of objects. */
export interface NounColumn {
  /** Property that it shows and sorts by. */
  readonly property: string;
  readonly title: string;
  readonly width?: string;
  readonly priority?: 1 | 2 | 3;
  readonly render?: (object: ShownObject) => ReactNode;
}

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  tools: { display: "flex", gap: "8px", flexWrap: "wrap" },
});

/** A list of objects with search, detail, forms to make and change one, and removal. */
export function NounPage(props: NounPageProps) {
  const { noun, title, about, newTitle, emptyTitle, emptyHint, query = {} } = props;
  const { makingVerb = "New" } = props;
  const styles = useStyles();
  const mayRun = useMayRun();
  const [state, setState] = usePageState();
  // A noun's cmdlets are in the table, or the page would not have been built for it.
  const getter = `Get-${noun}` as CmdletName;
  const call = { cmdlet: getter, parameters: { ResultSize: "unlimited", ...query } as never };
  const reading = useCmdlet(call);
  const objects = useMemo(
    () => (reading.data?.objects ?? []) as readonly ShownObject[],
    [reading.data],
  );
  const opened = useOpened(objects, state);
  const show = (name?: string) => setState({ open: name, mode: undefined });
  const close = () => show();
  const mayMake = mayRun(`${makingVerb}-${noun}`);
  const newButton = mayMake && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => setState({ mode: "new" })}>
      {newTitle}
    </Button>
  );
  const detail =
    state["mode"] === "new" && mayMake ? (
      <NewPanel {...props} onClose={close} onMade={show} />
    ) : opened ? (
      <ObjectPanel {...props} key={String(opened["Identity"])} object={opened} />
    ) : (
      missingPanel(state["open"])
    );
  return (
    <div className={styles.root}>
      <PageHeader title={title} about={about}>
        {newButton}
        {props.children}
        <ShowCmdlet call={{ cmdlet: getter, parameters: query }} />
        <Button
          appearance="subtle"
          icon={<ArrowClockwiseRegular />}
          aria-label={texts.refresh}
          onClick={() => void reading.refetch()}
        />
      </PageHeader>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.data && <Warnings warnings={reading.data.warnings} />}
      {reading.isPending && <Loading />}
      {reading.data && (
        <SplitView
          list={
            objects.length === 0 ? (
              <EmptyState title={emptyTitle} action={newButton}>
                {emptyHint}
              </EmptyState>
            ) : (
              <ObjectTable {...props} objects={objects} openKey={state["open"]} />
            )
          }
          detail={detail}
        />
      )}
    </div>
  );
}

function useOpened(objects: readonly ShownObject[], { open, mode }: PageState) {
  const found = objects.find((one) => one["Identity"] === open);
  return useEdited({ name: open, found, isEditing: mode === "edit" });
}

function ObjectTable(
  props: NounPageProps & {
    readonly objects: readonly ShownObject[];
    readonly openKey: string | undefined;
  },
) {
  const { title, columns, objects, openKey } = props;
  const styles = useStyles();
  const [state, setState] = usePageState();
  const { sort = columns[0]?.property ?? "Identity", search = "" } = state;
  const isAscending = !sort.startsWith("-");
  const property = sort.replace(/^-/, "");
  const rows = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const matching = objects.filter((one) => {
      const text = formatValue(one).toLowerCase();
      return words.every((word) => text.includes(word));
    });
    const sign = isAscending ? 1 : -1;
    return matching.toSorted((left, right) => sign * compare(left[property], right[property]));
  }, [objects, search, property, isAscending]);
  const shown: readonly Column<ShownObject>[] = columns.map((column, at) => ({
    key: column.property,
    title: column.title,
    width: column.width ?? (at === 0 ? "minmax(140px, 2fr)" : "minmax(100px, 1fr)"),
    isSortable: true,
    priority: column.priority ?? (at === 0 ? 1 : 2),
    render: column.render ?? ((object) => formatValue(object[column.property])),
  }));
  return (
    <>
      <div className={styles.tools}>
        <SearchField
          value={search}
          onSearch={(text) => setState({ search: text }, { isReplacing: true })}
        />
        <Text size={200} role="status">
          {search !== "" && texts.rowCount(rows.length)}
        </Text>
      </div>
      <DataTable
        label={title}
        columns={shown}
        rows={arrayRows(rows)}
        keyOf={(one) => String(one["Identity"])}
        nameOf={(one) => String(one["Identity"])}
        openKey={openKey}
        sort={{ key: property, isAscending }}
        onSort={({ key, isAscending: up }) => setState({ sort: up ? key : `-${key}` })}
        onOpen={(one) => setState({ open: String(one["Identity"]), mode: undefined })}
        empty={<EmptyState title={texts.nothingHere} />}
      />
    </>
  );
}

function compare(left: unknown, right: unknown): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  return formatValue(left).localeCompare(formatValue(right), undefined, { numeric: true });
}

function NewPanel(
  props: NounPageProps & { readonly onClose: () => void; readonly onMade: (name: string) => void },
) {
  const { noun, newTitle, sections, initial, newForm: Own } = props;
  const { makingVerb = "New", onClose, onMade } = props;
  return (
    <DetailPanel title={newTitle} onClose={onClose}>
      <Suspense fallback={<Loading />}>
        {Own ? (
          <Own onCancel={onClose} onDone={onMade} />
        ) : (
          <ObjectForm
            cmdlet={`${makingVerb}-${noun}`}
            sections={sections}
            {...(initial && { initial })}
            {...formTraits(props)}
            onCancel={onClose}
            onDone={onMade}
          />
        )}
      </Suspense>
    </DetailPanel>
  );
}

function formTraits({ except, labels, help }: NounPageProps) {
  return { ...(except && { except }), ...(labels && { labels }), ...(help && { help }) };
}

function ObjectPanel(props: NounPageProps & { readonly object: ShownObject }) {
  const { noun, object, sections, actions, detail } = props;
  const [state, setState] = usePageState();
  const mayRun = useMayRun();
  const notify = useNotify();
  const [isRemoving, setRemoving] = useState(false);
  const name = String(object["Identity"]);
  const close = () => setState({ open: undefined, mode: undefined });
  const isEditing = state["mode"] === "edit" && mayRun(`Set-${noun}`);
  const removal = {
    cmdlet: `Remove-${noun}`,
    parameters: { Identity: name, ...(object["ETag"] ? { IfMatch: object["ETag"] } : {}) },
  };
  const tools = (
    <ToolRow label={visibleText(name)}>
      {mayRun(`Set-${noun}`) && (
        <ToolbarButton icon={<EditRegular />} onClick={() => setState({ mode: "edit" })}>
          {texts.edit}
        </ToolbarButton>
      )}
      {mayRun(`Remove-${noun}`) && (
        <ToolbarButton icon={<DeleteRegular />} onClick={() => setRemoving(true)}>
          {texts.remove}
        </ToolbarButton>
      )}
      <ChangesButton object={`${noun} ${name}`} />
      {actions?.(object)}
    </ToolRow>
  );
  return (
    <DetailPanel
      title={name}
      onClose={close}
      mode={isEditing ? "edit" : "view"}
      actions={isEditing ? undefined : tools}
    >
      <Suspense fallback={<Loading />}>
        {isEditing ? (
          <ObjectForm
            cmdlet={`Set-${noun}`}
            object={object}
            sections={sections}
            {...formTraits(props)}
            onCancel={() => setState({ mode: undefined })}
            onDone={(saved) => setState({ open: saved, mode: undefined })}
          />
        ) : (
          <>
            {detail?.(object)}
            <PropertyList cmdlet={`Get-${noun}`} object={object} />
          </>
        )}
      </Suspense>
      {isRemoving && (
        <RunDialog
          title={`${texts.remove}: ${name}`}
          call={removal}
          verb={texts.remove}
          onClose={({ isDone }) => {
            setRemoving(false);
            if (!isDone) return;
            notify({ title: `${texts.doneTitle}: ${name}` });
            close();
          }}
        />
      )}
    </DetailPanel>
  );
}
