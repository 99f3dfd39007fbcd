import { Button, MessageBar, MessageBarBody, ToolbarButton } from "@fluentui/react-components";
import { BeakerRegular, LockClosedRegular } from "@fluentui/react-icons";
import { useNavigate } from "@tanstack/react-router";
import { useMayRun } from "../../api/session.ts";
import { NounPage, type ShownObject } from "../../widgets/noun-page.tsx";
import { formatValue } from "../../widgets/property-list.tsx";
import { texts } from "./connector-texts.ts";
import { NewSendConnector } from "./new-send-connector.tsx";
import { SEND_LABELS, SEND_SECTIONS } from "./send-connector-fields.ts";
import { describeTls, shortTls } from "./tls-words.ts";

/** Send connectors. */
export function SendConnectorsPage() {
  const navigate = useNavigate();
  const mayRun = useMayRun();
  return (
    <NounPage
      noun="SendConnector"
      title={texts.sendTitle}
      about={texts.sendAbout}
      newTitle={texts.newSend}
      newForm={NewSendConnector}
      emptyTitle={texts.noSend}
      emptyHint={texts.noSendHint}
      labels={SEND_LABELS}
      columns={[
        { property: "Identity", title: texts.name, render: formatName },
        { property: "AddressSpaces", title: texts.spaces },
        { property: "SmartHosts", title: texts.delivery, priority: 3, render: formatDelivery },
        { property: "RequireTLS", title: texts.tls, width: "120px", render: shortTls },
      ]}
      sections={SEND_SECTIONS}
      detail={(object) => <TlsNotice object={object} />}
      actions={(object) => <TestWay object={object} />}
    >
      {mayRun("New-SendConnector") && (
        <Button
          icon={<LockClosedRegular />}
          onClick={() => void navigate({ to: "/mail-flow/send-connectors/new-partner" })}
        >
          {texts.partner}
        </Button>
      )}
    </NounPage>
  );
}

function formatName({ Identity, Enabled }: ShownObject): string {
  const name = formatValue(Identity);
  return Enabled === false ? texts.disabled(name) : name;
}

function formatDelivery(connector: ShownObject): string {
  return formatValue(connector["SmartHosts"]) || texts.byMx;
}

function TlsNotice({ object }: { readonly object: ShownObject }) {
  const isEnforced = object["RequireTLS"] === true;
  return (
    <MessageBar intent={isEnforced ? "success" : "info"} layout="multiline">
      <MessageBarBody>
        {texts.tls}: {describeTls(object)}
      </MessageBarBody>
    </MessageBar>
  );
}

function TestWay({ object }: { readonly object: ShownObject }) {
  const navigate = useNavigate();
  const mayRun = useMayRun();
  if (!mayRun("Test-OutboundConnectivity")) return null;
  const open = () =>
    navigate({
      to: "/mail-flow/troubleshooter",
      search: { test: "outbound", connector: String(object["Identity"]) },
    });
  return (
    <ToolbarButton icon={<BeakerRegular />} onClick={() => void open()}>
      {texts.test}
    </ToolbarButton>
  );
}
