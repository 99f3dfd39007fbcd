import { NounPage } from "../../widgets/noun-page.tsx";
import { texts } from "./texts.ts";

/** Receive connectors, with the tabs of Exchange's admin center as sections (reference §15.5). */
export function ReceiveConnectorsPage() {
  return (
    <NounPage
      noun="ReceiveConnector"
      title={texts.receiveConnectors}
      about={texts.receiveAbout}
      newTitle={texts.newReceive}
      emptyTitle={texts.noReceive}
      emptyHint={texts.noReceiveHint}
      columns={[
        { property: "Identity", title: texts.name },
        { property: "Bindings", title: texts.bindings },
        { property: "RemoteIPRanges", title: texts.remoteRanges, priority: 3 },
        { property: "Enabled", title: texts.enabled, width: "90px" },
      ]}
      sections={[
        {
          title: texts.general,
          fields: ["Name", "Enabled", "Usage", "Comment", "MaxMessageSize", "ProtocolLoggingLevel"],
        },
        {
          title: texts.security,
          fields: ["AuthMechanism", "PermissionGroups", "ExtendedRights", "RequireTLS"],
        },
        {
          title: texts.scoping,
          fields: ["Bindings", "RemoteIPRanges", "Fqdn", "Banner"],
        },
      ]}
    />
  );
}
