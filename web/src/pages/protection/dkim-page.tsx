import { Button, makeStyles } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import { Suspense } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { serverNowMs } from "../../api/server-clock.ts";
import { useMayRun } from "../../api/session.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { DetailPanel, SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { ObjectForm } from "../../widgets/form/object-form.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { missingPanel } from "../../widgets/missing-panel.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { arrayRows } from "../../widgets/row-source.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import type { DkimConfig } from "./dkim-dns.tsx";
import { DkimPanel } from "./dkim-panel.tsx";
import { type DkimPhase, dkimKeys, dkimPhase } from "./dkim-rotation.ts";
import { texts } from "./dkim-texts.ts";
import { texts as area } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
});

const PHASES: Readonly<Record<DkimPhase, string>> = {
  new: texts.notSigning,
  signing: texts.signing,
  waiting: texts.rotating,
};

const COLUMNS: readonly Column<DkimConfig>[] = [
  {
    key: "Identity",
    title: texts.domain,
    width: "minmax(120px, 2fr)",
    priority: 1,
    render: ({ Identity }) => Identity,
  },
  {
    key: "State",
    title: texts.state,
    width: "minmax(110px, 1fr)",
    priority: 1,
    render: (config) => PHASES[dkimPhase(config, serverNowMs())],
  },
  {
    key: "Selectors",
    title: texts.selectors,
    width: "minmax(120px, 2fr)",
    render: (config) =>
      dkimKeys(config, serverNowMs())
        .filter(({ use }) => use === "signs")
        .map(({ selector, kind }) => `${selector} (${kind})`)
        .join(", "),
  },
];

/** The domains that sign their mail, and how their keys are rotated. */
export function DkimPage() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const mayRun = useMayRun();
  const call = { cmdlet: "Get-DkimSigningConfig", parameters: {} } as const;
  const reading = useCmdlet(call);
  const configs = reading.data?.objects ?? [];
  const opened = configs.find(({ Identity }) => Identity === state["open"]);
  const newButton = mayRun("New-DkimSigningConfig") && (
    <Button
      appearance="primary"
      icon={<AddRegular />}
      onClick={() => setState({ mode: "new", open: undefined })}
    >
      {texts.newDomain}
    </Button>
  );
  const detail =
    state["mode"] === "new" ? (
      <NewDomainPanel />
    ) : opened ? (
      <DkimPanel key={opened.Identity} config={opened} />
    ) : (
      missingPanel(state["open"])
    );
  return (
    <div className={styles.root}>
      <PageHeader title={area.dkim} about={texts.about}>
        {newButton}
        <ShowCmdlet call={call} />
      </PageHeader>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      {reading.data && (
        <SplitView
          list={
            <DataTable
              label={area.dkim}
              columns={COLUMNS}
              rows={arrayRows(configs)}
              keyOf={({ Identity }) => Identity ?? ""}
              nameOf={({ Identity }) => Identity ?? ""}
              openKey={state["open"]}
              onOpen={({ Identity }) => setState({ open: Identity ?? undefined, mode: undefined })}
              empty={
                <EmptyState title={texts.empty} action={newButton}>
                  {texts.emptyHint}
                </EmptyState>
              }
            />
          }
          detail={detail}
        />
      )}
    </div>
  );
}

function NewDomainPanel() {
  const [, setState] = usePageState();
  const close = () => setState({ mode: undefined });
  return (
    <DetailPanel title={texts.newDomain} onClose={close}>
      <Suspense fallback={<Loading />}>
        <NewDomainForm onClose={close} />
      </Suspense>
    </DetailPanel>
  );
}

function NewDomainForm({ onClose }: { readonly onClose: () => void }) {
  const [, setState] = usePageState();
  return (
    <ObjectForm
      cmdlet="New-DkimSigningConfig"
      sections={[{ title: texts.domain, fields: ["DomainName"] }]}
      except={["Enabled"]}
      onCancel={onClose}
      onDone={(domain) =>
        setState({ mode: undefined, open: domain === "" ? undefined : domain.toLowerCase() })
      }
    />
  );
}
