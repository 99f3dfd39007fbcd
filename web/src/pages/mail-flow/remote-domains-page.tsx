import { NounPage } from "../../widgets/noun-page.tsx";
import { texts } from "./domain-texts.ts";

/** Remote domains. */
export function RemoteDomainsPage() {
  return (
    <NounPage
      noun="RemoteDomain"
      title={texts.remoteTitle}
      about={texts.remoteAbout}
      newTitle={texts.newRemote}
      emptyTitle={texts.noRemote}
      emptyHint={texts.noRemoteHint}
      labels={{
        AutoForwardEnabled: texts.autoForward,
        DeliveryReportEnabled: texts.deliveryReports,
        NDREnabled: texts.ndr,
        NDRDiagnosticInfoEnabled: texts.ndrDetails,
      }}
      columns={[
        { property: "Identity", title: texts.name },
        { property: "DomainName", title: texts.domain },
        { property: "AutoForwardEnabled", title: texts.forwards, priority: 3 },
        { property: "DeliveryReportEnabled", title: texts.reports, priority: 3 },
        { property: "NDREnabled", title: texts.notices, priority: 3 },
      ]}
      sections={[
        { title: texts.general, fields: ["Name", "DomainName"] },
        {
          title: texts.what,
          fields: [
            "AutoForwardEnabled",
            "DeliveryReportEnabled",
            "NDREnabled",
            "NDRDiagnosticInfoEnabled",
          ],
        },
      ]}
    />
  );
}
