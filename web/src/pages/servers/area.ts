import { ServerRegular } from "@fluentui/react-icons";
import type { Area } from "../../frame/area.ts";
import { texts } from "./texts.ts";

/** The server itself: state, health, logs, configuration, who may do what and who has done it. */
export const serversArea: Area = {
  title: texts.area,
  icon: ServerRegular,
  pages: [
    {
      path: "/servers/overview",
      title: texts.overview,
      words: "drain maintenance component back pressure version uptime",
      needs: ["Get-ExchangeServer"],
      load: async () => (await import("./overview-page.tsx")).OverviewPage,
    },
    {
      path: "/servers/health",
      title: texts.health,
      words: "monitor alert finding",
      needs: ["Get-ServerHealth"],
      load: async () => (await import("./health-page.tsx")).HealthPage,
    },
    {
      path: "/servers/logs",
      title: texts.logs,
      words: "tracking protocol connectivity agent queue routing search",
      needs: ["Get-ProtocolLog"],
      load: async () => (await import("./logs-page.tsx")).LogsPage,
    },
    {
      path: "/servers/recordings",
      title: texts.recordings,
      words: "black box replay smtp conversation",
      needs: ["Get-SessionRecording"],
      load: async () => (await import("./recordings-page.tsx")).RecordingsPage,
    },
    {
      path: "/servers/configuration",
      title: texts.configuration,
      words: "import export difference yaml file restore",
      needs: ["Export-PostriderConfiguration"],
      load: async () => (await import("./configuration-page.tsx")).ConfigurationPage,
    },
    {
      path: "/servers/audit-log",
      title: texts.audit,
      words: "who changed history",
      needs: ["Search-AdminAuditLog"],
      load: async () => (await import("./audit-log-page.tsx")).AuditLogPage,
    },
    {
      path: "/servers/administrators",
      title: texts.administrators,
      words: "user login password totp",
      needs: ["Get-Administrator"],
      load: async () => (await import("./administrators-page.tsx")).AdministratorsPage,
    },
    {
      path: "/servers/tokens",
      title: texts.tokens,
      words: "rest program access",
      needs: ["Get-ApiToken"],
      load: async () => (await import("./tokens-page.tsx")).TokensPage,
    },
    {
      path: "/servers/role-groups",
      title: texts.roles,
      words: "rbac rights permission",
      needs: ["Get-RoleGroup"],
      load: async () => (await import("./role-groups-page.tsx")).RoleGroupsPage,
    },
    {
      path: "/servers/sessions",
      title: texts.sessions,
      words: "administrator session revoke",
      needs: ["Get-AdministratorSession"],
      load: async () => (await import("./sessions-page.tsx")).SessionsPage,
    },
    {
      path: "/servers/settings",
      title: texts.settings,
      words: "transport config service journal throttling policy rewrite classification message",
      needs: ["Get-TransportConfig"],
      load: async () => (await import("./settings-page.tsx")).OtherSettingsPage,
    },
  ],
};
