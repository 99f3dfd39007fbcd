import { useCmdlet } from "../../api/cmdlet-query.ts";
import { NounPage } from "../../widgets/noun-page.tsx";
import { PageLink } from "../../widgets/page-link.tsx";
import { texts } from "./texts.ts";

/** Administrators. */
export function AdministratorsPage() {
  const { data } = useCmdlet({ cmdlet: "Get-RoleGroup", parameters: {} });
  const groups = data?.objects ?? [];
  const choices = Object.fromEntries(
    groups.map(({ Name, Description }) => [Name ?? "", Description ?? ""]),
  );
  const hint = (
    <>
      {texts.roleGroupsHint} <PageLink to="/servers/role-groups">{texts.roles}</PageLink>
    </>
  );
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
      help={{ RoleGroups: { hint, choices } }}
    />
  );
}
