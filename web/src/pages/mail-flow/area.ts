import { MailInboxRegular } from "@fluentui/react-icons";
import type { Area } from "../../frame/area.ts";
import { texts } from "./texts.ts";

/** Connectors, domains, certificates, devices, tests. */
export const mailFlowArea: Area = {
  title: texts.area,
  icon: MailInboxRegular,
  pages: [
    {
      path: "/mail-flow/receive-connectors",
      title: texts.receiveConnectors,
      words: texts.receiveWords,
      needs: ["Get-ReceiveConnector"],
      load: async () => (await import("./receive-connectors-page.tsx")).ReceiveConnectorsPage,
    },
    {
      path: "/mail-flow/send-connectors",
      title: texts.sendConnectors,
      words: texts.sendWords,
      needs: ["Get-SendConnector"],
      load: async () => (await import("./send-connectors-page.tsx")).SendConnectorsPage,
    },
    {
      path: "/mail-flow/send-connectors/new-partner",
      title: texts.partner,
      words: texts.partnerWords,
      needs: ["New-SendConnector"],
      isHidden: true,
      load: async () => (await import("./partner-page.tsx")).PartnerPage,
    },
    {
      path: "/mail-flow/accepted-domains",
      title: texts.acceptedDomains,
      words: texts.acceptedWords,
      needs: ["Get-AcceptedDomain"],
      load: async () => (await import("./accepted-domains-page.tsx")).AcceptedDomainsPage,
    },
    {
      path: "/mail-flow/remote-domains",
      title: texts.remoteDomains,
      words: texts.remoteWords,
      needs: ["Get-RemoteDomain"],
      load: async () => (await import("./remote-domains-page.tsx")).RemoteDomainsPage,
    },
    {
      path: "/mail-flow/certificates",
      title: texts.certificates,
      words: texts.certificateWords,
      needs: ["Get-ExchangeCertificate"],
      load: async () => (await import("./certificates-page.tsx")).CertificatesPage,
    },
    {
      path: "/mail-flow/certificates/automatic",
      title: texts.acme,
      words: texts.acmeWords,
      needs: ["Get-TransportConfig", "Set-TransportConfig"],
      isHidden: true,
      load: async () => (await import("./acme-page.tsx")).AcmePage,
    },
    {
      path: "/mail-flow/tls-policies",
      title: texts.tlsPolicies,
      words: texts.tlsWords,
      needs: ["Get-TlsPolicy"],
      load: async () => (await import("./tls-policies-page.tsx")).TlsPoliciesPage,
    },
    {
      path: "/mail-flow/devices",
      title: texts.devices,
      words: texts.deviceWords,
      needs: ["Get-Mailbox", "Get-AppPassword"],
      load: async () => (await import("./devices-page.tsx")).DevicesPage,
    },
    {
      path: "/mail-flow/devices/new",
      title: texts.newDevice,
      words: texts.newDeviceWords,
      needs: ["Get-Mailbox", "New-AppPassword"],
      isHidden: true,
      load: async () => (await import("./new-device-page.tsx")).NewDevicePage,
    },
    {
      path: "/mail-flow/troubleshooter",
      title: texts.troubleshooter,
      words: texts.troubleshooterWords,
      needs: ["Test-MessageRoute"],
      load: async () => (await import("./troubleshooter-page.tsx")).TroubleshooterPage,
    },
    {
      path: "/mail-flow/transport-settings",
      title: texts.transportSettings,
      words: texts.settingsWords,
      needs: ["Get-TransportConfig"],
      load: async () => (await import("./transport-settings-page.tsx")).TransportSettingsPage,
    },
    {
      path: "/mail-flow/transport-settings/throttling-policies",
      title: texts.throttlingPolicies,
      words: texts.throttlingWords,
      needs: ["Get-ThrottlingPolicy"],
      isHidden: true,
      load: async () => (await import("./throttling-policies-page.tsx")).ThrottlingPoliciesPage,
    },
  ],
};
