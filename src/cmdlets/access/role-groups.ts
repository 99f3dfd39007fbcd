import { knownRoleGroups } from "../../access/administrators.ts";
import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { isInRole, ROLE_GROUPS, type RoleGroup } from "../../cmdlet/role-group.ts";
import { oneOf } from "../../org/settings/setting-types.ts";
import type { AccessServices } from "./services.ts";

const DESCRIPTIONS: Readonly<Record<RoleGroup, string>> = {
  "Organization Management": "Everything.",
  "Server Management": "Queues, connectors, services, logs and tests.",
  "Recipient Management": "Recipients, and tracking of messages.",
  "Hygiene Management": "Agents and receive connectors.",
  "Records Management": "Tracking of messages, rules, and the audit log.",
  "Help Desk": "Reads: traces of messages without their subjects, and recipients.",
  "View-Only Organization Management": "Reads everything, changes nothing.",
};

const ROLE_GROUP = {
  name: "RoleGroup",
  properties: {
    Name: { kind: "choice", choices: ROLE_GROUPS, doc: "The group." },
    Description: { kind: "text", doc: "What it is for." },
    Members: { kind: "list", doc: "Administrators in it." },
    Tokens: { kind: "list", doc: "API tokens in it." },
    Cmdlets: { kind: "list", doc: "The cmdlets that its members may run." },
  },
  table: ["Name", "Description", "Members"],
} as const satisfies OutputType;

/** Who may run what. */
export const getRoleGroup = defineCmdlet({
  name: "Get-RoleGroup",
  summary: "Shows the role groups, who is in them, and which cmdlets they may run.",
  roles: ["View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    {
      command: 'Get-RoleGroup -Name "Help Desk" | Format-List',
      doc: "Everything that the help desk may run.",
    },
  ],
  parameters: {
    Name: optionalParameter(oneOf(ROLE_GROUPS), "Only that group.", { position: 0 }),
  },
  output: ROLE_GROUP,
  async *run({ services }: Invocation<AccessServices>, { name }) {
    const { administrators, tokens, cmdlets } = services.access;
    for (const group of name === undefined ? ROLE_GROUPS : [name]) {
      const isMember = (row: { readonly roleGroups: readonly string[] }) =>
        knownRoleGroups(row.roleGroups).includes(group);
      const caller = { roleGroups: [group] };
      yield {
        Name: group,
        Description: DESCRIPTIONS[group],
        Members: administrators.rows
          .all()
          .filter(isMember)
          .map((row) => row.name),
        Tokens: tokens.rows
          .all()
          .filter(isMember)
          .map((row) => row.name),
        Cmdlets: cmdlets()
          .filter(({ roles }) => isInRole(caller, roles))
          .map((cmdlet) => cmdlet.name)
          .toSorted(),
      };
    }
  },
});
