import { ToolbarButton } from "@fluentui/react-components";
import { BeakerRegular } from "@fluentui/react-icons";
import { useNavigate } from "@tanstack/react-router";
import { useMayRun } from "../../api/session.ts";
import { NounPage, type ShownObject } from "../../widgets/noun-page.tsx";
import { texts } from "./connector-texts.ts";
import { NewReceiveConnector } from "./new-receive-connector.tsx";
import { RECEIVE_LABELS, RECEIVE_SECTIONS } from "./receive-connector-fields.ts";

/** Receive connectors. */
export function ReceiveConnectorsPage() {
  return (
    <NounPage
      noun="ReceiveConnector"
      title={texts.receiveTitle}
      about={texts.receiveAbout}
      newTitle={texts.newReceive}
      newForm={NewReceiveConnector}
      emptyTitle={texts.noReceive}
      emptyHint={texts.noReceiveHint}
      labels={RECEIVE_LABELS}
      columns={[
        { property: "Identity", title: texts.name },
        { property: "Bindings", title: texts.bindings },
        { property: "RemoteIPRanges", title: texts.remoteRanges, priority: 3 },
        { property: "Enabled", title: texts.enabled, width: "80px" },
      ]}
      sections={RECEIVE_SECTIONS}
      actions={(object) => <TestDoors object={object} />}
    />
  );
}

function TestDoors({ object }: { readonly object: ShownObject }) {
  const navigate = useNavigate();
  const mayRun = useMayRun();
  if (!mayRun("Test-SmtpConnectivity")) return null;
  const open = () =>
    navigate({
      to: "/mail-flow/troubleshooter",
      search: { test: "doors", connector: String(object["Identity"]) },
    });
  return (
    <ToolbarButton icon={<BeakerRegular />} onClick={() => void open()}>
      {texts.test}
    </ToolbarButton>
  );
}
