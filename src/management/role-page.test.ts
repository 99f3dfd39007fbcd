import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { createCmdletTable } from "../cmdlet/cmdlet-table.ts";
import { createExecute, mayRun } from "../cmdlet/execute.ts";
import { readInput } from "../cmdlet/read-input.ts";
import { type Caller, ROLE_GROUPS, type RoleGroup } from "../cmdlet/role-group.ts";
import { ALL_CMDLETS } from "./all-cmdlets.ts";
import { formatRolePage } from "./role-page.ts";

const PAGE = join(import.meta.dirname, "../../docs/roles.md");

function member(...roleGroups: readonly RoleGroup[]): Caller {
  return { name: "somebody", roleGroups, via: "session", address: "192.0.2.7" };
}

test("docs/roles.md says who may run what", () => {
  const cure = "run: node src/management/role-page.ts > docs/roles.md";
  assert.equal(readFileSync(PAGE, "utf8"), formatRolePage(ALL_CMDLETS), cure);
});

/** The rows of the page: a cmdlet, and the groups that are ticked. */
function readPage(): readonly (readonly [string, readonly RoleGroup[]])[] {
  return readFileSync(PAGE, "utf8")
    .split("\n")
    .filter((line) => /^\| [A-Z]\w+-\w+ \|/.test(line))
    .map((line) => {
      const [, name = "", , ...marks] = line.split("|").map((cell) => cell.trim());
      return [name, ROLE_GROUPS.filter((_, index) => marks[index] === "✓")];
    });
}

test("every cmdlet is refused to groups that are not ticked, and to nobody else", async () => {
  const refusals: string[] = [];
  const expected: string[] = [];
  // The same table with other handlers: what counts is who gets as far as that.
  const table = createCmdletTable<object>(
    ALL_CMDLETS.all.map((cmdlet) => ({
      ...cmdlet,
      parameters: {},
      plan: undefined,
      async *run() {},
    })),
  );
  const execute = createExecute({
    table,
    services: {},
    clock: fakeClock(),
    diagnostics: silentDiagnostics,
    audit: async () => {},
  });
  for (const [cmdlet, ticked] of readPage()) {
    for (const group of ROLE_GROUPS) {
      if (!ticked.includes(group)) expected.push(`${cmdlet} ${group}`);
      const { signal } = new AbortController();
      const request = { cmdlet, parameters: {}, whatIf: false, caller: member(group), signal };
      for await (const record of execute(request)) {
        if (record.kind !== "failed") continue;
        assert.equal(record.code, "forbidden");
        refusals.push(`${cmdlet} ${group}`);
      }
    }
  }
  assert.equal(readPage().length, ALL_CMDLETS.all.length);
  assert.deepEqual(refusals, expected);
});

test("what a parameter needs is asked of every group, whatever else it may run", () => {
  const asked: string[] = [];
  for (const cmdlet of ALL_CMDLETS.all) {
    for (const [name, { roles, type }] of Object.entries(cmdlet.parameters)) {
      const isPath = type.isServerPath === true;
      if (roles === undefined && !isPath) continue;
      asked.push(`${cmdlet.name} -${name}`);
      const refused = (caller: Caller) => {
        const values = isPath ? ["/etc/x", "a/../../x"] : ["x"];
        return values.every((value) => {
          const read = readInput(cmdlet, { [name.toUpperCase()]: value }, caller);
          return !read.ok && read.fault.code === "forbidden";
        });
      };
      const allowed = [...(roles ?? []), "Organization Management"];
      for (const group of ROLE_GROUPS) {
        assert.equal(refused(member(group)), !allowed.includes(group), `${asked.at(-1)} ${group}`);
      }
      const scoped = { ...member("Organization Management"), cmdlets: [cmdlet.name.toLowerCase()] };
      const isForFew = new Set(allowed).size === 1;
      assert.equal(refused(scoped), isForFew, `${asked.at(-1)}, a scoped token`);
    }
  }
  const known = ["Set-TransportServer -Admin", "New-MessageTraceLink -Anonymous"];
  for (const one of [...known, "Set-TransportServer -Keytab"]) assert.ok(asked.includes(one), one);
});

/** Leave an entry in the audit log because others get to see something, and change nothing. */
const AUDITED_READS: readonly string[] = ["New-MessageTraceLink", "Remove-MessageTraceLink"];
const CHANGES = ALL_CMDLETS.all.filter(
  ({ effect, name }) => effect === "changes" && !AUDITED_READS.includes(name),
);

for (const group of ["Help Desk", "View-Only Organization Management"] as const) {
  test(`${group} changes nothing`, () => {
    const allowed = CHANGES.filter((cmdlet) => mayRun(cmdlet, member(group)));
    assert.deepEqual(
      allowed.map(({ name }) => name),
      [],
    );
  });
}

test("View-Only Organization Management reads everything but mail", () => {
  const missing = ALL_CMDLETS.all.filter(
    (cmdlet) =>
      cmdlet.effect === "reads" &&
      // What gives out mail leaves an entry in the audit log.
      cmdlet.isRecorded !== true &&
      /^(?:Get|Search)-/.test(cmdlet.name) &&
      !mayRun(cmdlet, member("View-Only Organization Management")),
  );
  assert.deepEqual(
    missing.map(({ name }) => name),
    [],
  );
});

test("Organization Management runs everything, no group nothing", () => {
  for (const cmdlet of ALL_CMDLETS.all) {
    assert.ok(mayRun(cmdlet, member("Organization Management")), cmdlet.name);
    assert.ok(!mayRun(cmdlet, member()), cmdlet.name);
  }
});

test("a token's scope narrows what its groups allow, and widens nothing", () => {
  const [first] = ALL_CMDLETS.all;
  assert.ok(first);
  const scoped = { ...member("Organization Management"), cmdlets: [first.name.toLowerCase()] };
  const allowed = ALL_CMDLETS.all.filter((cmdlet) => mayRun(cmdlet, scoped));
  assert.deepEqual(
    allowed.map(({ name }) => name),
    [first.name],
  );
  assert.ok(!mayRun({ name: first.name, roles: [] }, { ...scoped, roleGroups: ["Help Desk"] }));
});

test("only Organization Management has a say in who may come in", () => {
  const nouns = /-(?:Administrator|AdministratorTotp|AdministratorSession|ApiToken)$/;
  const cmdlets = CHANGES.filter(({ name }) => nouns.test(name));
  assert.ok(cmdlets.length >= 8);
  for (const cmdlet of cmdlets) assert.deepEqual(cmdlet.roles, [], cmdlet.name);
});
