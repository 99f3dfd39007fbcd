import { Button, Checkbox, Field, Input, makeStyles, Textarea } from "@fluentui/react-components";
import { AddRegular, DeleteRegular } from "@fluentui/react-icons";
import { Suspense, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useFacts } from "../../api/facts.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { formatDate, isoOfField } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { DetailPanel, SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { missingPanel } from "../../widgets/missing-panel.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { PropertyList } from "../../widgets/property-list.tsx";
import { arrayRows } from "../../widgets/row-source.ts";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { SecretDialog } from "../../widgets/secret-dialog.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts as shared } from "../../widgets/texts.ts";
import { texts } from "./texts.ts";

type Token = OutputOf<"Get-ApiToken">;

const CALL = { cmdlet: "Get-ApiToken", parameters: { ResultSize: "unlimited" } } as const;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  groups: { display: "flex", flexWrap: "wrap" },
});

const COLUMNS: readonly Column<Token>[] = [
  {
    ...{ key: "name", title: texts.name, width: "minmax(120px, 1fr)", priority: 1 },
    render: ({ Name }) => <bdi>{visibleText(Name ?? "")}</bdi>,
  },
  {
    ...{ key: "groups", title: texts.roleGroups, width: "minmax(140px, 2fr)", priority: 3 },
    render: ({ RoleGroups }) => (RoleGroups ?? []).join(", "),
  },
  {
    ...{ key: "expires", title: texts.expires, width: "130px" },
    render: ({ ExpirationDate, Expired }) => {
      if (ExpirationDate === null) return texts.never;
      return `${formatDate(ExpirationDate)}${Expired ? ` (${texts.expired})` : ""}`;
    },
  },
  {
    ...{ key: "used", title: texts.lastUsed, width: "130px", priority: 3 },
    render: ({ LastUsedDate }) => (LastUsedDate === null ? texts.never : formatDate(LastUsedDate)),
  },
];

/** Tokens of programs. */
export function TokensPage() {
  const styles = useStyles();
  const mayMake = useMayRun()("New-ApiToken");
  const [state, setState] = usePageState();
  const reading = useCmdlet(CALL);
  const tokens = reading.data?.objects ?? [];
  const opened = tokens.find(({ Name }) => Name === state["open"]);
  const newButton = mayMake && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => setState({ mode: "new" })}>
      {texts.newToken}
    </Button>
  );
  return (
    <div className={styles.root}>
      <PageHeader title={texts.tokens} about={texts.tokensAbout}>
        {newButton}
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
              label={texts.tokens}
              columns={COLUMNS}
              rows={arrayRows(tokens)}
              keyOf={({ Name }) => Name ?? ""}
              nameOf={({ Name }) => Name ?? ""}
              openKey={state["open"]}
              onOpen={({ Name }) => setState({ open: Name ?? undefined })}
              empty={<EmptyState title={texts.noToken}>{texts.noTokenHint}</EmptyState>}
            />
          }
          detail={opened ? <TokenPanel token={opened} /> : missingPanel(state["open"])}
        />
      )}
      {state["mode"] === "new" && mayMake && (
        <Suspense>
          <NewToken onClose={() => setState({ mode: undefined })} />
        </Suspense>
      )}
    </div>
  );
}

function TokenPanel({ token }: { readonly token: Token }) {
  const mayRun = useMayRun();
  const [, setState] = usePageState();
  const [isAsking, setAsking] = useState(false);
  const name = token.Name ?? "";
  return (
    <DetailPanel
      title={name}
      onClose={() => setState({ open: undefined })}
      actions={
        mayRun("Remove-ApiToken") && (
          <Button appearance="subtle" icon={<DeleteRegular />} onClick={() => setAsking(true)}>
            {shared.remove}
          </Button>
        )
      }
    >
      <Suspense>
        <PropertyList cmdlet="Get-ApiToken" object={token} />
      </Suspense>
      {isAsking && (
        <RunDialog
          title={texts.tokenRevoke(name)}
          call={{ cmdlet: "Remove-ApiToken", parameters: { Identity: name } }}
          verb={shared.remove}
          onClose={({ isDone }) => {
            setAsking(false);
            if (isDone) setState({ open: undefined });
          }}
        />
      )}
    </DetailPanel>
  );
}

function NewToken({ onClose }: { readonly onClose: () => void }) {
  const styles = useStyles();
  const groups = useFacts("New-ApiToken")?.parameters["RoleGroups"]?.["x-choices"] ?? [];
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [cmdlets, setCmdlets] = useState("");
  const [until, setUntil] = useState("");
  const scope = cmdlets.split(/[\s,;]+/).filter(Boolean);
  const parameters = {
    ...{ Name: name.trim(), RoleGroups: chosen },
    ...(scope.length > 0 && { Cmdlets: scope }),
    ...(until !== "" && { ExpirationDate: isoOfField(until) }),
  };
  return (
    <SecretDialog
      title={texts.newToken}
      call={{ cmdlet: "New-ApiToken", parameters }}
      verb={shared.create}
      secret="Token"
      facts={{ Name: texts.name }}
      isReady={name.trim() !== "" && chosen.length > 0}
      onClose={onClose}
    >
      <Field label={texts.tokenName} required>
        <Input value={name} onChange={(_event, { value }) => setName(value)} />
      </Field>
      <div role="group" aria-label={texts.tokenRoles} className={styles.groups}>
        {groups.map((group) => (
          <Checkbox
            key={group}
            label={group}
            checked={chosen.includes(group)}
            onChange={(_event, { checked }) =>
              setChosen(checked ? [...chosen, group] : chosen.filter((one) => one !== group))
            }
          />
        ))}
      </div>
      <Field label={texts.tokenCmdlets}>
        <Textarea
          value={cmdlets}
          spellCheck={false}
          onChange={(_event, { value }) => setCmdlets(value)}
        />
      </Field>
      <Field label={texts.tokenExpires}>
        <Input type="date" value={until} onChange={(_event, { value }) => setUntil(value)} />
      </Field>
    </SecretDialog>
  );
}
