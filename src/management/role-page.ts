import type { CmdletTable } from "../cmdlet/cmdlet-table.ts";
import { isInRole, ROLE_GROUPS } from "../cmdlet/role-group.ts";
import { ALL_CMDLETS } from "./all-cmdlets.ts";

/** The page of docs/roles.md: which role group may run which cmdlet. */
export function formatRolePage(table: CmdletTable<never>): string {
  const groups = ROLE_GROUPS.map((group) => ` ${group} |`).join("");
  const rows = table.all.map((cmdlet) => {
    const marks = ROLE_GROUPS.map((group) =>
      isInRole({ roleGroups: [group] }, cmdlet.roles) ? " ✓ |" : " |",
    );
    return `| ${cmdlet.name} | ${cmdlet.effect} |${marks.join("")}`;
  });
  const limits = table.all.flatMap((cmdlet) =>
    Object.entries(cmdlet.parameters).flatMap(([name, { roles }]) =>
      roles === undefined ? [] : [`- ${cmdlet.name} -${name}: ${roles.join(", ")}`],
    ),
  );
  const hidden = table.all.flatMap(({ name, output }) =>
    Object.entries(output.properties).flatMap(([property, { hiddenFrom }]) =>
      hiddenFrom === undefined ? [] : [`- ${property} of ${name}: ${hiddenFrom.join(", ")}`],
    ),
  );
  return [
    "# Who may run what",
    "",
    "Made from the table of cmdlets by `node src/management/role-page.ts`; a test compares. Each",
    "administrator and API token is in one or more role groups (`Set-Administrator -RoleGroups`),",
    "and may run what any of them may.",
    "",
    `| Cmdlet | Effect |${groups}`,
    `|---|---|${ROLE_GROUPS.map(() => ":-:|").join("")}`,
    ...rows,
    ...section("Parameters that need a group of their own", limits),
    ...section("Properties that are left empty for some groups", [...new Set(hidden)]),
    "",
  ].join("\n");
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", `## ${title}`, "", ...lines];
}

if (import.meta.main) process.stdout.write(formatRolePage(ALL_CMDLETS));
