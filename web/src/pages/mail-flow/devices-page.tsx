import { Button, makeStyles } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import { useNavigate } from "@tanstack/react-router";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { arrayRows } from "../../widgets/row-source.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { type ListedDevice, listDevices } from "./device-list.ts";
import { DevicePanel } from "./device-panel.tsx";
import { texts } from "./device-texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
});

const COLUMNS: readonly Column<ListedDevice>[] = [
  {
    key: "name",
    title: texts.device,
    width: "minmax(140px, 2fr)",
    priority: 1,
    render: ({ name }) => name,
  },
  {
    key: "way",
    title: texts.how,
    width: "minmax(100px, 1fr)",
    render: ({ way }) => (way === "logon" ? texts.logsOn : texts.byAddress),
  },
  { key: "as", title: texts.as, width: "minmax(120px, 2fr)", render: ({ as }) => as },
];

/** Devices that send through this server. */
export function DevicesPage() {
  const styles = useStyles();
  const navigate = useNavigate();
  const mayRun = useMayRun();
  const [{ open }, setState] = usePageState();
  const call = {
    cmdlet: "Get-Mailbox",
    parameters: { Filter: "AppPasswords -like '*'", ResultSize: "unlimited" },
  } as const;
  const mailboxes = useCmdlet(call);
  const connectors = useCmdlet(
    { cmdlet: "Get-ReceiveConnector", parameters: {} },
    { isEnabled: mayRun("Get-ReceiveConnector") },
  );
  const { data, error, refetch } = mailboxes;
  const devices = listDevices(data?.objects ?? [], connectors.data?.objects ?? []);
  const opened = devices.find(({ key }) => key === open);
  const newButton = mayRun("New-AppPassword") && (
    <Button
      appearance="primary"
      icon={<AddRegular />}
      onClick={() => void navigate({ to: "/mail-flow/devices/new" })}
    >
      {texts.new}
    </Button>
  );
  return (
    <div className={styles.root}>
      <PageHeader title={texts.title} about={texts.about}>
        {newButton}
        <ShowCmdlet call={call} />
      </PageHeader>
      {error && <FaultNotice fault={error} onRetry={() => void refetch()} />}
      {mailboxes.isPending && <Loading />}
      {data && (
        <SplitView
          list={
            <DataTable
              label={texts.title}
              columns={COLUMNS}
              rows={arrayRows(devices)}
              keyOf={({ key }) => key}
              nameOf={({ name }) => name}
              openKey={open}
              onOpen={({ key }) => setState({ open: key })}
              empty={
                <EmptyState title={texts.none} action={newButton}>
                  {texts.noneHint}
                </EmptyState>
              }
            />
          }
          detail={
            opened && (
              <DevicePanel
                key={opened.key}
                device={opened}
                onClose={() => setState({ open: undefined })}
              />
            )
          }
        />
      )}
    </div>
  );
}
