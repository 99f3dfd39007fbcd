import { fakeClock } from "../base/clock.fake.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import { createSecretBox } from "../base/secret-box.ts";
import type { Caller, RoleGroup } from "../cmdlet/role-group.ts";
import { MemoryAccessStore } from "../store/access-memory.ts";
import type { AdministratorRow } from "../store/access-store.ts";
import { openAdministrators } from "./administrators.ts";
import { ApiTokens } from "./api-tokens.ts";
import { AuditLog } from "./audit-log.ts";
import { Entrance } from "./entrance.ts";
import { type IdentificationParts, identify } from "./identification.ts";
import { Login } from "./login.ts";
import { Sessions } from "./sessions.ts";

/** What was told to diagnostics. */
export interface Told {
  readonly event: string;
  readonly fields: object;
}

/** Everything of this room over a store in memory; the hash of a password is `hash of it`. */
export async function openSampleAccess(ageLimitMs = Number.MAX_SAFE_INTEGER) {
  const clock = fakeClock();
  const store = new MemoryAccessStore();
  const told: Told[] = [];
  const tell = (event: string, fields: object = {}) => void told.push({ event, fields });
  const diagnostics: Diagnostics = { info: tell, warn: tell, error: tell };
  const box = createSecretBox(Buffer.alloc(32, 7));
  const administrators = await openAdministrators(store, box);
  const tokens = await ApiTokens.open(store, { clock, diagnostics });
  const sessions = new Sessions(clock);
  const calculations: string[] = [];
  const auditLog = new AuditLog({ store, clock, diagnostics, ageLimitMs: () => ageLimitMs });
  const audit = auditLog.write.bind(auditLog);
  const entrance = new Entrance({ administrators, sessions, clock, diagnostics, audit });
  const login = new Login({
    administrators,
    entrance,
    clock,
    async findPassword(password, hashes) {
      calculations.push(password);
      return hashes.flatMap((hash, place) => (hash === `hash of ${password}` ? [place] : []));
    },
  });
  const parts = { clock, store, told, box, diagnostics, calculations };
  return { ...parts, administrators, tokens, sessions, entrance, login, auditLog };
}

/** Who presents this token, as programs do. */
export function callerOfToken(
  parts: IdentificationParts,
  { token, address = "192.0.2.7" }: { readonly token: string; readonly address?: string },
): Caller | undefined {
  const headers = { authorization: `Bearer ${token}` };
  const identified = identify(parts, { method: "GET", headers, address, cookies: "taken" });
  return identified.kind === "known" ? identified.caller : undefined;
}

/** An administrator whose password is `open sesame please`. */
export function sampleAdministrator(change: Partial<AdministratorRow> = {}): AdministratorRow {
  const roleGroups: readonly RoleGroup[] = ["Help Desk"];
  return {
    name: "alice",
    passwordHash: "hash of open sesame please",
    totpSecret: "",
    isTotpEnabled: false,
    totpCounter: 0,
    recoveryCodes: [],
    passkeys: [],
    externalId: "",
    roleGroups,
    isEnabled: true,
    createdMs: 1,
    passwordSetMs: 1,
    lastLogonMs: 0,
    ...change,
  };
}
