import assert from "node:assert/strict";
import { createSecretBox } from "../../base/secret-box.ts";
import { cmdletRunner } from "../../cmdlet/cmdlet-runner.fake.ts";
import type { RecipientKind } from "../../org/settings/object-kinds.ts";
import { recipientObject } from "../../org/stored-object.ts";
import { StoredOrganization } from "../../org/stored-organization.ts";
import { MemoryOrganizationStore } from "../../store/organization-memory.ts";
import { matchRecipients } from "./recipient-match.ts";
import type { RecipientSearch } from "./recipient-search.ts";
import { RECIPIENT_CMDLETS } from "./table.ts";

/** The file that owns what it declares, where one does. */
export const FILE = "/etc/postrider.yaml";
const MACHINE = { hostName: "mail.contoso.test", cores: 2 };
const BASE = `
acceptedDomains: [{ name: contoso.test }]
receiveConnectors: [{ name: Frontend, bindings: "127.0.0.1:25" }]
`;

/** Searches page by page, two recipients at a time. */
function createSearch(store: MemoryOrganizationStore): RecipientSearch {
  const count = async (kind: RecipientKind) =>
    (await store.listRecipients({ kind, after: "", limit: 1000 })).value.length;
  return {
    async count(kinds) {
      const counts = await Promise.all(kinds.map(count));
      return counts.reduce((sum, one) => sum + one, 0);
    },
    async *search(query) {
      const matches = matchRecipients(query);
      const { after: bookmark, kinds } = query;
      for (const kind of kinds.slice(bookmark === undefined ? 0 : kinds.indexOf(bookmark.kind))) {
        for (let after = bookmark?.kind === kind ? bookmark.name : ""; ; ) {
          const { value } = await store.listRecipients({ kind, after, limit: 2 });
          const last = value.at(-1);
          if (last === undefined) break;
          after = last.name;
          const read = value.map((row) => recipientObject(row, { file: FILE }));
          const found = read.filter(matches);
          yield {
            recipients: query.isCounted === true ? [] : found,
            ...{ foundCount: found.length, examinedCount: read.length },
          };
        }
      }
    },
  };
}

/** The cmdlets of this room on an organization in memory; a file may own what `yaml` declares. */
export async function openRoom(yaml = "", options: { readonly owned?: boolean } = {}) {
  const store = new MemoryOrganizationStore();
  const secrets = createSecretBox(Buffer.alloc(32));
  const parts = { store, secrets, machine: MACHINE, file: FILE };
  const organization = new StoredOrganization(parts);
  const parsed = await organization.parse(BASE + yaml, "f.yaml");
  assert.ok(parsed.ok);
  if (options.owned === true) await organization.useFile(parsed.value);
  else await organization.apply(parsed.value, { mode: "store" });
  assert.ok((await organization.open()).ok);
  const { run, values, audited } = cmdletRunner({
    cmdlets: RECIPIENT_CMDLETS,
    services: { organization, recipients: createSearch(store) },
    caller: { name: "rita", role: "Recipient Management" },
  });
  return { store, organization, run, values, audited };
}
