import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseFilter } from "../cmdlet/filter.ts";
import { RECIPIENT } from "../cmdlets/recipients/recipient-output.ts";
import type { RecipientQuery } from "../cmdlets/recipients/recipient-search.ts";
import { sampleMailbox } from "../store/organization-contract.ts";
import { OrganizationSqlite } from "../store/organization-sqlite.ts";
import { RecipientReader } from "../store/recipient-reader.ts";
import { recipientReaderCalls } from "./recipient-calls.ts";
import { createRecipientSearch } from "./recipient-search.ts";

const FILE = "/etc/postrider.yaml";
const COUNT = 5001;

/** Some pages of mailboxes, and one contact. */
async function open(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "postrider-"));
  const path = join(folder, "organization.db");
  const store = new OrganizationSqlite(path);
  const reader = new RecipientReader(path);
  t.after(async () => {
    reader.close();
    store.close();
    await rm(folder, { recursive: true });
  });
  const named = (name: string) => ({
    json: JSON.stringify({ name, primarySmtpAddress: `${name}@contoso.test` }),
    ...(name.endsWith("7") && { owner: FILE }),
  });
  const recipients = Array.from({ length: COUNT }, (_, index) => {
    const name = `m${String(index).padStart(4, "0")}`;
    return sampleMailbox(name, named(name));
  });
  const zoe = sampleMailbox("zoe", { kind: "mailContact", ...named("zoe") });
  await store.change({ recipients: [...recipients, zoe] });
  const calls = recipientReaderCalls(reader);
  const remote = {
    tell: () => undefined,
    ask: async (call: keyof typeof calls, request: never) =>
      // As it comes to another thread.
      calls[call](structuredClone(request)),
  };
  // Of the log thread's calls a search knows one.
  const search = createRecipientSearch({ remote } as never, FILE);
  const find = async (query: Partial<RecipientQuery>) => {
    const names: string[] = [];
    const batches: number[] = [];
    const kinds = ["mailbox", "mailContact"] as const;
    const whole = { view: "recipient", kinds, nowMs: 0, ...query } as const;
    for await (const { recipients: found, examinedCount } of search.search(whole)) {
      names.push(...found.map(({ name }) => name));
      batches.push(examinedCount);
    }
    return { names, batches };
  };
  return { find, store, search };
}

function filter(text: string): Pick<RecipientQuery, "filter"> {
  const parsed = parseFilter(text, RECIPIENT);
  assert.ok(parsed.ok);
  const { root, properties } = parsed.value;
  return { filter: { root, properties } };
}

test("all recipients come once, in order, a bounded number at a time", async (t) => {
  const { find } = await open(t);
  const { names, batches } = await find({});
  assert.equal(names.length, COUNT + 1);
  assert.deepEqual(names, names.toSorted());
  assert.equal(names.at(-1), "zoe");
  assert.ok(Math.max(...batches) <= 500);
});

test("how many there are of some kinds", async (t) => {
  const { search } = await open(t);
  assert.equal(await search.count(["mailbox", "mailContact", "mailUser"]), COUNT + 1);
  assert.equal(await search.count(["mailUser"]), 0);
});

test("what is not wanted is looked at where it is, thousands at a time", async (t) => {
  const { find, store } = await open(t);
  const none = await find({ pattern: "*nobody*" });
  assert.deepEqual(none, { names: [], batches: [1000, 1000, 1000, 1000, 1000, 1, 1] });
  const some = await find(filter("Name -like 'm*42' -or RecipientType -eq 'MailContact'"));
  assert.deepEqual([some.names.length, some.names[0], some.names.at(-1)], [51, "m0042", "zoe"]);
  const owned = await find(filter(`DeclaredIn -eq '${FILE}'`));
  assert.equal(owned.names.length, 500);
  await store.change({ recipients: [sampleMailbox("new")] });
  assert.equal((await find({ pattern: "new" })).names.length, 1, "as soon as it is stored");
});
