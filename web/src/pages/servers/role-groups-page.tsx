import { makeStyles, Text } from "@fluentui/react-components";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { DetailPanel, SplitView } from "../../widgets/detail-panel.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { missingPanel } from "../../widgets/missing-panel.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { arrayRows } from "../../widgets/row-source.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts } from "./texts.ts";

type RoleGroup = OutputOf<"Get-RoleGroup">;

const CALL = { cmdlet: "Get-RoleGroup", parameters: {} } as const;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  title: { display: "block", margin: 0, paddingBottom: "4px" },
  names: { listStyleType: "none", margin: 0, padding: 0, overflowWrap: "anywhere" },
});

const COLUMNS: readonly Column<RoleGroup>[] = [
  {
    ...{ key: "name", title: texts.name, width: "minmax(160px, 1fr)", priority: 1 },
    render: ({ Name }) => Name,
  },
  {
    ...{ key: "about", title: texts.description, width: "minmax(160px, 2fr)", priority: 3 },
    render: ({ Description }) => Description,
  },
  {
    ...{ key: "members", title: texts.members, width: "minmax(100px, 1fr)", priority: 2 },
    render: ({ Members }) => <bdi>{visibleText((Members ?? []).join(", "))}</bdi>,
  },
];

/** Role groups: who is in each, and what that lets him run. */
export function RoleGroupsPage() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const reading = useCmdlet(CALL);
  const groups = reading.data?.objects ?? [];
  const opened = groups.find(({ Name }) => Name === state["open"]);
  return (
    <div className={styles.root}>
      <PageHeader title={texts.roles} about={texts.rolesAbout}>
        <ShowCmdlet call={CALL} />
      </PageHeader>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      {reading.data && (
        <SplitView
          list={
            <DataTable
              label={texts.roles}
              columns={COLUMNS}
              rows={arrayRows(groups)}
              keyOf={({ Name }) => Name ?? ""}
              nameOf={({ Name }) => Name ?? ""}
              openKey={state["open"]}
              onOpen={({ Name }) => setState({ open: Name ?? undefined })}
            />
          }
          detail={
            opened ? (
              <DetailPanel title={opened.Name ?? ""} onClose={() => setState({ open: undefined })}>
                <Text>{opened.Description}</Text>
                <Names title={texts.members} names={opened.Members ?? []} />
                <Names title={texts.tokensIn} names={opened.Tokens ?? []} />
                <Names
                  title={texts.cmdlets(opened.Cmdlets?.length ?? 0)}
                  names={opened.Cmdlets ?? []}
                />
              </DetailPanel>
            ) : (
              missingPanel(state["open"])
            )
          }
        />
      )}
    </div>
  );
}

function Names(props: { readonly title: string; readonly names: readonly string[] }) {
  const { title, names } = props;
  const styles = useStyles();
  return (
    <section>
      <Text as="h3" weight="semibold" className={styles.title}>
        {title}
      </Text>
      {names.length === 0 ? (
        <Text>{texts.none}</Text>
      ) : (
        <ul className={styles.names}>
          {names.map((name) => (
            <li key={name}>
              <bdi>{visibleText(name)}</bdi>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
