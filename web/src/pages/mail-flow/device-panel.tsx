import { Text, ToolbarButton } from "@fluentui/react-components";
import {
  DeleteRegular,
  KeyResetRegular,
  OpenRegular,
  PauseRegular,
  PlayRegular,
} from "@fluentui/react-icons";
import { useNavigate } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { AnyCall } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { visibleText } from "../../base/visible-text.ts";
import { DetailPanel } from "../../widgets/detail-panel.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { PropertyList } from "../../widgets/property-list.tsx";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { SecretDialog } from "../../widgets/secret-dialog.tsx";
import { ToolRow } from "../../widgets/tool-row.tsx";
import type { ListedDevice } from "./device-list.ts";
import { DeviceSettings } from "./device-settings.tsx";
import { DeviceTest } from "./device-test.tsx";
import { texts } from "./device-texts.ts";
import { FormPart } from "./form-part.tsx";
import { useDoors } from "./use-doors.ts";

/** One device: what it may, its settings, a test, and how it is taken off. */
export function DevicePanel(props: {
  readonly device: ListedDevice;
  readonly onClose: () => void;
}) {
  const { device, onClose } = props;
  const doors = useDoors();
  const isLogon = device.way === "logon";
  return (
    <DetailPanel
      title={device.name}
      onClose={onClose}
      actions={isLogon ? <PasswordActs {...props} /> : <ConnectorActs device={device} />}
    >
      <Suspense fallback={<Loading />}>
        {isLogon && <PasswordFacts device={device} />}
        <FormPart title={texts.settings}>
          <DeviceSettings
            doors={isLogon ? doors.logon : [doors.byAddress(device.name, device.binding)]}
            {...(isLogon && { user: device.address })}
            sender={isLogon ? device.address : texts.fromAny}
          />
        </FormPart>
        <DeviceTest
          trace={isLogon ? { SenderAddress: device.address } : { Connector: device.name }}
        />
      </Suspense>
    </DetailPanel>
  );
}

function usePassword({ as, name }: ListedDevice) {
  return useCmdlet({ cmdlet: "Get-AppPassword", parameters: { Mailbox: as, Name: name } });
}

function PasswordFacts({ device }: { readonly device: ListedDevice }) {
  const { data, error, refetch } = usePassword(device);
  if (error) return <FaultNotice fault={error} onRetry={() => void refetch()} />;
  const [object] = data?.objects ?? [];
  return object ? <PropertyList cmdlet="Get-AppPassword" object={object} /> : null;
}

function PasswordActs(props: { readonly device: ListedDevice; readonly onClose: () => void }) {
  const { device, onClose } = props;
  const mayRun = useMayRun();
  const notify = useNotify();
  const { data } = usePassword(device);
  const [asked, setAsked] = useState<"switch" | "password" | "remove">();
  const isEnabled = data?.objects[0]?.Enabled !== false;
  const Identity = { Mailbox: device.as, Name: device.name };
  const setEnabled = (Enabled: boolean): AnyCall => ({
    cmdlet: "Set-AppPassword",
    parameters: { ...Identity, Enabled },
  });
  const word = isEnabled ? texts.disable : texts.enable;
  return (
    <>
      <ToolRow label={visibleText(device.name)}>
        {mayRun("Set-AppPassword") && (
          <ToolbarButton
            icon={isEnabled ? <PauseRegular /> : <PlayRegular />}
            onClick={() => setAsked("switch")}
          >
            {word}
          </ToolbarButton>
        )}
        {mayRun("Reset-AppPassword") && (
          <ToolbarButton icon={<KeyResetRegular />} onClick={() => setAsked("password")}>
            {texts.newPassword}
          </ToolbarButton>
        )}
        {mayRun("Remove-AppPassword") && (
          <ToolbarButton icon={<DeleteRegular />} onClick={() => setAsked("remove")}>
            {texts.remove}
          </ToolbarButton>
        )}
      </ToolRow>
      {asked === "switch" && (
        <RunDialog
          title={`${word}: ${device.name}`}
          call={setEnabled(!isEnabled)}
          verb={word}
          onClose={({ isDone }) => {
            setAsked(undefined);
            if (isDone) notify({ title: `${word}: ${device.name}`, undo: setEnabled(isEnabled) });
          }}
        />
      )}
      {asked === "password" && <NewPassword device={device} onClose={() => setAsked(undefined)} />}
      {asked === "remove" && (
        <RunDialog
          title={`${texts.remove}: ${device.name}`}
          call={{ cmdlet: "Remove-AppPassword", parameters: Identity }}
          verb={texts.remove}
          onClose={({ isDone }) => {
            setAsked(undefined);
            if (!isDone) return;
            notify({ title: texts.revoked(device.name) });
            onClose();
          }}
        />
      )}
    </>
  );
}

function NewPassword(props: { readonly device: ListedDevice; readonly onClose: () => void }) {
  const { name, as } = props.device;
  return (
    <SecretDialog
      title={texts.newPasswordOf(name)}
      call={{ cmdlet: "Reset-AppPassword", parameters: { Mailbox: as, Name: name } }}
      verb={texts.makePassword}
      secret="Password"
      facts={{ UserName: texts.user }}
      onClose={props.onClose}
    >
      <Text>{texts.newPasswordAbout}</Text>
    </SecretDialog>
  );
}

function ConnectorActs({ device }: { readonly device: ListedDevice }) {
  const navigate = useNavigate();
  const open = () =>
    navigate({ to: "/mail-flow/receive-connectors", search: { open: device.name } });
  return (
    <ToolRow label={visibleText(device.name)}>
      <ToolbarButton icon={<OpenRegular />} onClick={() => void open()}>
        {texts.openConnector}
      </ToolbarButton>
    </ToolRow>
  );
}
