import assert from "node:assert/strict";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { createSecretBox } from "../../base/secret-box.ts";
import { createCmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { createExecute } from "../../cmdlet/execute.ts";
import type { AuditEntry, ExecutionRecord } from "../../cmdlet/execution.ts";
import type { Caller } from "../../cmdlet/role-group.ts";
import { StoredOrganization } from "../../org/stored-organization.ts";
import { MemoryOrganizationStore } from "../../store/organization-memory.ts";
import type { RuleHitReport } from "../../transport/rules/rule-hits.ts";
import { ORGANIZATION_CMDLETS } from "./table.ts";

const ROOT = { name: "root", roleGroups: ["Organization Management"] } as const;
const MACHINE = { hostName: "mail.contoso.test", cores: 2 };

/** What a room begins with. */
interface RoomOptions {
  /** What has declared the objects. */
  readonly file?: string;
  readonly hits?: RuleHitReport;
}

const NO_HITS: RuleHitReport = { sinceMs: 0, hits: [] };

/** The cmdlets of this room on an organization in memory; `file` owns what `yaml` declares. */
export async function openRoom(yaml: string, options: RoomOptions = {}) {
  const store = new MemoryOrganizationStore();
  const secrets = createSecretBox(Buffer.alloc(32));
  const { file } = options;
  const organization = new StoredOrganization({ store, secrets, machine: MACHINE, file });
  const parsed = await organization.parse(yaml, "f.yaml");
  assert.ok(parsed.ok);
  if (file === undefined) await organization.apply(parsed.value, { mode: "store" });
  else await organization.useFile(parsed.value);
  assert.ok((await organization.open()).ok);
  const audited: AuditEntry[] = [];
  const execute = createExecute({
    table: createCmdletTable(ORGANIZATION_CMDLETS),
    services: {
      organization,
      rules: { hits: async () => options.hits ?? NO_HITS },
      backupFolder: "/data/backups",
      openBackup: () => assert.fail("no backups here"),
    },
    clock: fakeClock(),
    diagnostics: silentDiagnostics,
    audit: async (entry) => void audited.push(entry),
  });
  const runAs = async (
    caller: Pick<Caller, "name" | "roleGroups">,
    call: { readonly cmdlet: string; readonly parameters: object; readonly whatIf: boolean },
  ) => {
    const { cmdlet, parameters, whatIf } = call;
    const records: ExecutionRecord[] = [];
    const { signal } = new AbortController();
    const whole = { ...caller, via: "socket", address: "" } as const;
    const request = { cmdlet, parameters: { ...parameters }, whatIf, caller: whole, signal };
    for await (const record of execute(request)) records.push(record);
    return records;
  };
  const run = (cmdlet: string, parameters: object = {}, whatIf = false) =>
    runAs(ROOT, { cmdlet, parameters, whatIf });
  /** The objects that a run has put out; it must succeed. */
  const objects = async (cmdlet: string, parameters: object = {}) => {
    const records = await run(cmdlet, parameters);
    assert.equal(records.at(-1)?.kind, "done", JSON.stringify(records.at(-1)));
    return records.flatMap((record) => (record.kind === "object" ? [record.value] : []));
  };
  /** The last record of a run that must fail. */
  const failure = async (cmdlet: string, parameters: object = {}) => {
    const last = (await run(cmdlet, parameters)).at(-1);
    assert.ok(last?.kind === "failed", JSON.stringify(last));
    return last;
  };
  return { organization, run, runAs, objects, failure, audited };
}
