import assert from "node:assert/strict";
import {
  type AccessStore,
  ADMINISTRATORS_MAX,
  type AdministratorRow,
  API_TOKENS_MAX,
  type ApiTokenRow,
  AUDIT_CHARACTERS_MAX,
  AUDIT_PAGE_MAX,
  type AuditReading,
  type AuditRow,
  type PasskeyRow,
} from "./access-store.ts";
import { StoreFailure } from "./queue-store.ts";

function administrator(change: Partial<AdministratorRow> = {}): AdministratorRow {
  return {
    name: "Alice",
    passwordHash: "$argon2id$",
    totpSecret: "",
    isTotpEnabled: false,
    totpCounter: 0,
    recoveryCodes: [],
    passkeys: [],
    externalId: "",
    roleGroups: ["Help Desk"],
    isEnabled: true,
    createdMs: 1,
    passwordSetMs: 2,
    lastLogonMs: 0,
    ...change,
  };
}

const PASSKEY: PasskeyRow = {
  id: "a-_9",
  publicKey: "pQECAyYgASFYIA",
  counter: 7,
  transports: ["internal", "hybrid"],
  host: "mail.contoso.test",
  name: "Telephone",
  createdMs: 3,
  lastUsedMs: 4,
};

function token(change: Partial<ApiTokenRow> = {}): ApiTokenRow {
  return {
    name: "Monitor",
    digest: "d1",
    roleGroups: ["View-Only Organization Management"],
    cmdlets: undefined,
    createdBy: "root",
    createdMs: 1,
    expiresMs: undefined,
    lastUsedMs: 0,
    lastUsedFrom: "",
    ...change,
  };
}

function audit(change: Partial<AuditRow> = {}): AuditRow {
  return {
    atMs: 1,
    caller: "root",
    via: "socket",
    address: "",
    cmdlet: "Set-TransportConfig",
    object: "",
    parameters: "{}",
    succeeded: true,
    error: "",
    changes: "[]",
    ...change,
  };
}

const EVERYTHING = {
  fromMs: 0,
  toMs: Number.MAX_SAFE_INTEGER,
  beforeId: Number.MAX_SAFE_INTEGER,
  limit: AUDIT_PAGE_MAX,
};

/** What every backend must do, checked on an empty store. */
export const ACCESS_STORE_CONTRACT: readonly {
  readonly promise: string;
  readonly run: (store: AccessStore & AuditReading) => Promise<void>;
}[] = [
  {
    promise: "gives administrators back as they were written last, by name without case",
    async run(store) {
      assert.deepEqual(await store.readAdministrators(), []);
      await store.putAdministrator(administrator());
      await store.putAdministrator(
        administrator({ name: "bob", isEnabled: false, roleGroups: [] }),
      );
      const renewed = administrator({
        name: "ALICE",
        isTotpEnabled: true,
        totpCounter: 57_000_000,
        recoveryCodes: ["d1", "d2"],
        passkeys: [PASSKEY, { ...PASSKEY, id: "b64", transports: [] }],
        externalId: "https://id.example#7",
      });
      await store.putAdministrator(renewed);
      assert.deepEqual(await store.readAdministrators(), [
        renewed,
        administrator({ name: "bob", isEnabled: false, roleGroups: [] }),
      ]);
      await store.removeAdministrator("alice");
      await store.removeAdministrator("nobody");
      assert.deepEqual(
        (await store.readAdministrators()).map(({ name }) => name),
        ["bob"],
      );
    },
  },
  {
    promise: "gives tokens back as they were written last, no digest twice",
    async run(store) {
      await store.putToken(token());
      const scoped = token({ name: "scoped", digest: "d2", cmdlets: ["get-queue"], expiresMs: 9 });
      await store.putToken(scoped);
      await store.putToken(token({ name: "MONITOR", lastUsedMs: 5, lastUsedFrom: "192.0.2.1" }));
      await assert.rejects(store.putToken(token({ name: "third", digest: "d2" })), StoreFailure);
      assert.deepEqual(await store.readTokens(), [
        token({ name: "MONITOR", lastUsedMs: 5, lastUsedFrom: "192.0.2.1" }),
        scoped,
      ]);
      await store.removeToken("monitor");
      assert.deepEqual(await store.readTokens(), [scoped]);
    },
  },
  {
    promise: "holds so many administrators and tokens, and no more",
    async run(store) {
      for (let count = 0; count < ADMINISTRATORS_MAX; count += 1) {
        await store.putAdministrator(administrator({ name: `a${count}` }));
      }
      await store.putAdministrator(administrator({ name: "A0" }));
      await assert.rejects(store.putAdministrator(administrator()), StoreFailure);
      for (let count = 0; count < API_TOKENS_MAX; count += 1) {
        await store.putToken(token({ name: `t${count}`, digest: `${count}` }));
      }
      await assert.rejects(store.putToken(token()), StoreFailure);
    },
  },
  {
    promise: "reads the audit log by time, newest first, in pages",
    async run(store) {
      for (const atMs of [10, 20, 20, 30, 15]) await store.addAudit(audit({ atMs }));
      const { rows: all, ...whole } = await store.readAudit(EVERYTHING);
      assert.deepEqual(whole, { examinedCount: 5 });
      assert.deepEqual(
        all.map(({ atMs }) => atMs),
        [15, 30, 20, 20, 10],
      );
      const [newest] = all;
      assert.ok(newest);
      const { id, ...row } = newest;
      assert.deepEqual(row, audit({ atMs: 15 }));
      const page = await store.readAudit({ ...EVERYTHING, beforeId: id, limit: 2 });
      assert.equal(page.next, page.rows[1]?.id);
      assert.equal(page.examinedCount, 2);
      assert.deepEqual(
        page.rows.map(({ atMs }) => atMs),
        [30, 20],
      );
      const between = await store.readAudit({ ...EVERYTHING, fromMs: 15, toMs: 30 });
      assert.deepEqual(
        between.rows.map(({ atMs }) => atMs),
        [15, 20, 20],
      );
      await assert.rejects(
        store.readAudit({ ...EVERYTHING, limit: AUDIT_PAGE_MAX + 1 }),
        StoreFailure,
      );
    },
  },
  {
    promise: "prunes the audit log by age, so many at one time, and numbers nothing twice",
    async run(store) {
      for (const atMs of [10, 20, 30]) await store.addAudit(audit({ atMs }));
      const [newest] = (await store.readAudit(EVERYTHING)).rows;
      assert.equal(await store.pruneAudit({ atMs: 30, limit: 1 }), 1);
      assert.deepEqual(
        (await store.readAudit(EVERYTHING)).rows.map(({ atMs }) => atMs),
        [30, 20],
      );
      assert.equal(await store.pruneAudit({ atMs: 40, limit: 10 }), 2);
      await store.addAudit(audit());
      const [later] = (await store.readAudit(EVERYTHING)).rows;
      assert.ok(newest && later && later.id > newest.id);
    },
  },
  {
    promise: "takes an audit entry of so many characters, and no longer one",
    async run(store) {
      const spare = "root".length + "{}".length;
      const changes = "x".repeat(AUDIT_CHARACTERS_MAX - spare);
      await store.addAudit(audit({ changes }));
      await assert.rejects(store.addAudit(audit({ changes: `${changes}x` })), StoreFailure);
      const [only] = (await store.readAudit(EVERYTHING)).rows;
      assert.equal(only?.changes, changes);
    },
  },
];
