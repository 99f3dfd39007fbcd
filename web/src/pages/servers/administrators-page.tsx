import { NounPage } from "../../widgets/noun-page.tsx";
import { texts } from "./texts.ts";

/** Administrators. */
export function AdministratorsPage() {
  const account = { title: texts.account, fields: ["Name", "Password", "RoleGroups", "Enabled"] };
  return (
    <NounPage
      noun="Administrator"
      title={texts.administrators}
      about={texts.administratorsAbout}
      newTitle={texts.newAdministrator}
      emptyTitle={texts.noAdministrator}
      emptyHint={texts.noAdministratorHint}
      columns={[
        { property: "Name", title: texts.name },
        { property: "RoleGroups", title: texts.roleGroups },
        { property: "Enabled", title: texts.enabled, width: "90px", priority: 3 },
        { property: "TotpState", title: texts.totp, priority: 3 },
      ]}
      initial={{ Enabled: true }}
      sections={[account]}
    />
  );
}
