import { ToolbarButton } from "@fluentui/react-components";
import { DeleteRegular, EditRegular, KeyResetRegular } from "@fluentui/react-icons";
import { type ReactNode, Suspense, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { CmdletName } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { textOf } from "../../base/text-of.ts";
import { visibleText } from "../../base/visible-text.ts";
import { ChangesButton } from "../../widgets/changes-button.tsx";
import { DetailPanel } from "../../widgets/detail-panel.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { ObjectForm } from "../../widgets/form/object-form.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { TabView } from "../../widgets/tab-view.tsx";
import { texts as shared } from "../../widgets/texts.ts";
import { ToolRow } from "../../widgets/tool-row.tsx";
import { AddressesTab } from "./addresses-tab.tsx";
import { AppPasswordsTab } from "./app-passwords-tab.tsx";
import { MembersTab } from "./members-tab.tsx";
import { PasswordDialog } from "./password-dialog.tsx";
import { PermissionsTab } from "./permissions-tab.tsx";
import { kindOf, NOT_EDITED, type RecipientKind } from "./recipient-kind.ts";
import { SettingsTab } from "./settings-tab.tsx";
import type { ShownRecipient } from "./shown-recipient.ts";
import { texts } from "./texts.ts";

/** One recipient with everything about it. */
export function RecipientPanel(props: {
  readonly identity: string;
  /** Absent: whichever it is. */
  readonly kind: RecipientKind | undefined;
  readonly onClose: () => void;
}) {
  const { identity, kind, onClose } = props;
  const found = useCmdlet(
    { cmdlet: "Get-Recipient", parameters: { Identity: identity } },
    { isEnabled: kind === undefined },
  );
  const known = kind ?? kindOf(found.data?.objects[0]?.RecipientType);
  if (known !== undefined) return <KnownPanel {...props} kind={known} />;
  return (
    <DetailPanel title={identity} onClose={onClose}>
      {found.error ? <FaultNotice fault={found.error} /> : <Loading />}
    </DetailPanel>
  );
}

function KnownPanel(props: {
  readonly identity: string;
  readonly kind: RecipientKind;
  readonly onClose: () => void;
}) {
  const { identity, kind, onClose } = props;
  const [state] = usePageState();
  // Every kind has its own Get cmdlet.
  const getter = `Get-${kind.noun}` as CmdletName;
  const call = { cmdlet: getter, parameters: { Identity: identity } as never };
  const reading = useCmdlet(call);
  const recipient = reading.data?.objects[0] as ShownRecipient | undefined;
  const title = textOf(recipient?.["Name"] ?? identity);
  const isEditing = state["mode"] === "edit" && recipient !== undefined;
  return (
    <DetailPanel
      title={title}
      onClose={onClose}
      actions={
        recipient !== undefined &&
        !isEditing && <Actions kind={kind} recipient={recipient} onClose={onClose} />
      }
    >
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      {recipient !== undefined && (
        <Suspense fallback={<Loading />}>
          {isEditing ? (
            <EditForm kind={kind} recipient={recipient} />
          ) : (
            <Tabs kind={kind} recipient={recipient} />
          )}
        </Suspense>
      )}
    </DetailPanel>
  );
}

function Actions(props: {
  readonly kind: RecipientKind;
  readonly recipient: ShownRecipient;
  readonly onClose: () => void;
}) {
  const { kind, recipient, onClose } = props;
  const [, setState] = usePageState();
  const mayRun = useMayRun();
  const notify = useNotify();
  const [asking, setAsking] = useState<"remove" | "password">();
  const name = String(recipient["Name"]);
  const identity = String(recipient["PrimarySmtpAddress"]);
  const mayReset =
    kind.noun === "Mailbox" && (mayRun("Reset-MailboxPassword") || mayRun("Set-Mailbox"));
  const removal = {
    cmdlet: `Remove-${kind.noun}`,
    parameters: { Identity: identity, IfMatch: recipient["ETag"] },
  };
  return (
    <ToolRow label={visibleText(name)}>
      {mayRun(`Set-${kind.noun}`) && (
        <ToolbarButton icon={<EditRegular />} onClick={() => setState({ mode: "edit" })}>
          {shared.edit}
        </ToolbarButton>
      )}
      {mayReset && (
        <ToolbarButton icon={<KeyResetRegular />} onClick={() => setAsking("password")}>
          {texts.resetPassword}
        </ToolbarButton>
      )}
      {mayRun(`Remove-${kind.noun}`) && (
        <ToolbarButton icon={<DeleteRegular />} onClick={() => setAsking("remove")}>
          {shared.remove}
        </ToolbarButton>
      )}
      <ChangesButton object={`${kind.noun} ${name}`} />
      <ShowCmdlet call={{ cmdlet: `Get-${kind.noun}`, parameters: { Identity: identity } }} />
      {asking === "remove" && (
        <RunDialog
          title={`${shared.remove}: ${name}`}
          call={removal}
          verb={shared.remove}
          onClose={({ isDone }) => {
            setAsking(undefined);
            if (!isDone) return;
            notify({ title: `${shared.doneTitle}: ${name}` });
            onClose();
          }}
        />
      )}
      {asking === "password" && (
        <PasswordDialog name={name} identity={identity} onClose={() => setAsking(undefined)} />
      )}
    </ToolRow>
  );
}

function EditForm(props: { readonly kind: RecipientKind; readonly recipient: ShownRecipient }) {
  const { kind, recipient } = props;
  const [, setState] = usePageState();
  // Cmdlets take its address, too; a name may be another kind's as well.
  const object = { ...recipient, Identity: recipient["PrimarySmtpAddress"] };
  return (
    <ObjectForm
      cmdlet={`Set-${kind.noun}`}
      object={object}
      sections={kind.sections}
      except={NOT_EDITED}
      onCancel={() => setState({ mode: undefined })}
      onDone={(name) => {
        const wasOpenedByName = name !== recipient["Name"];
        setState({ mode: undefined, ...(wasOpenedByName && { open: String(object.Identity) }) });
      }}
    />
  );
}

interface OwnTab {
  readonly key: string;
  readonly title: string;
  readonly isVisible: boolean;
  readonly content: () => ReactNode;
}

function Tabs(props: { readonly kind: RecipientKind; readonly recipient: ShownRecipient }) {
  const { kind, recipient } = props;
  const [state, setState] = usePageState();
  const mayRun = useMayRun();
  const all: readonly OwnTab[] = [
    {
      ...{ key: "members", title: texts.members },
      isVisible: kind.noun === "DistributionGroup" && mayRun("Get-DistributionGroupMember"),
      content: () => <MembersTab group={recipient} />,
    },
    {
      ...{ key: "settings", title: texts.settings, isVisible: true },
      content: () => <SettingsTab kind={kind} recipient={recipient} />,
    },
    {
      ...{ key: "addresses", title: texts.addresses, isVisible: true },
      content: () => <AddressesTab kind={kind} recipient={recipient} />,
    },
    {
      ...{ key: "permissions", title: texts.permissions },
      isVisible: mayRun("Get-RecipientPermission"),
      content: () => <PermissionsTab recipient={recipient} />,
    },
    {
      ...{ key: "app-passwords", title: texts.appPasswords },
      isVisible: kind.noun === "Mailbox" && mayRun("Get-AppPassword"),
      content: () => <AppPasswordsTab mailbox={recipient} />,
    },
  ];
  const tabs = all.filter(({ isVisible }) => isVisible);
  const shown = tabs.find(({ key }) => key === state["tab"]) ?? tabs[0];
  return (
    <TabView
      label={texts.parts}
      tabs={tabs}
      chosen={shown?.key}
      onChoose={(key) => setState({ tab: key })}
    >
      {shown?.content()}
    </TabView>
  );
}
