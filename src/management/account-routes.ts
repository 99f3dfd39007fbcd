import type { Session } from "../access/sessions.ts";
import {
  type AccountAction,
  type AccountParts,
  type AtAccount,
  answerAccount,
  confirmPassword,
  readTexts,
  renewedAnswer,
  runForSelf,
} from "./account-action.ts";
import { type Answer, errorAnswer, jsonAnswer } from "./http-answer.ts";
import { PASSKEY_ACTIONS } from "./passkey-routes.ts";
import { API_ROOT } from "./rest-endpoint.ts";

/** `METHOD path` of everything about one's own account, to what answers it. */
export function listAccountRoutes(
  parts: AccountParts,
): readonly (readonly [string, (known: AtAccount["known"]) => Promise<Answer>])[] {
  return Object.entries({ ...ACTIONS, ...PASSKEY_ACTIONS }).map(([what, act]) => {
    const [method = "", path = ""] = what.split(" ");
    return [
      `${method} ${API_ROOT}/account${path}`,
      (known: AtAccount["known"]) => answerAccount(parts, { known, act }),
    ];
  });
}

const ACTIONS: Readonly<Record<string, AccountAction>> = {
  "GET ": showAccount,
  "POST /password": changePassword,
  "POST /totp": beginTotp,
  "POST /totp/confirm": confirmTotp,
  "POST /totp/remove": removeTotp,
  "POST /recovery-codes": renewRecoveryCodes,
  "POST /sessions/end": endSession,
  "POST /sessions/end-others": endOtherSessions,
};

function showAccount({ desk }: AccountParts, { row, session }: AtAccount): Answer {
  return jsonAnswer(200, {
    name: row.name,
    roleGroups: row.roleGroups,
    isExternal: row.passwordHash === "",
    passwordSet: new Date(row.passwordSetMs).toISOString(),
    totp: row.isTotpEnabled,
    recoveryCodesLeft: row.recoveryCodes.length,
    passkeys: row.passkeys.map(({ id, name, host, createdMs, lastUsedMs }) => ({
      ...{ id, name, host, created: new Date(createdMs).toISOString() },
      lastUsed: lastUsedMs === 0 ? null : new Date(lastUsedMs).toISOString(),
    })),
    sessions: desk.account.sessionsOf(row.name).map((one) => sessionFacts(one, session)),
  });
}

function sessionFacts(one: Session, own: Session) {
  return {
    id: one.id,
    isThis: one.id === own.id,
    address: one.address,
    browser: one.browser,
    way: one.way,
    began: new Date(one.beganMs).toISOString(),
    lastUsed: new Date(one.lastUsedMs).toISOString(),
    expires: new Date(one.expiresMs).toISOString(),
  };
}

async function changePassword(parts: AccountParts, at: AtAccount): Promise<Answer> {
  const read = readTexts(at.fields, ["current", "password"]);
  if (!read.ok) return read.fault;
  const { current, password } = read.value;
  const refusal = await confirmPassword(parts, { at, password: current });
  if (refusal !== undefined) return refusal;
  const parameters = { Password: password };
  const done = await runForSelf(parts, at, { cmdlet: "Set-Administrator", parameters });
  return done.ok ? renewedAnswer(parts, at) : done.fault;
}

/** The secret for the authenticator; nothing is asked of it before it is confirmed. */
async function beginTotp(parts: AccountParts, at: AtAccount): Promise<Answer> {
  const read = readTexts(at.fields, ["current"]);
  if (!read.ok) return read.fault;
  const refusal = await confirmPassword(parts, { at, password: read.value.current });
  if (refusal !== undefined) return refusal;
  const done = await runForSelf(parts, at, { cmdlet: "Enable-AdministratorTotp" });
  if (!done.ok) return done.fault;
  const [totp] = done.value;
  return jsonAnswer(200, { uri: totp?.["Uri"], secret: totp?.["Secret"] });
}

async function confirmTotp(parts: AccountParts, at: AtAccount): Promise<Answer> {
  const read = readTexts(at.fields, ["code"]);
  if (!read.ok) return read.fault;
  const parameters = { Code: read.value.code };
  const done = await runForSelf(parts, at, { cmdlet: "Enable-AdministratorTotp", parameters });
  if (!done.ok) return done.fault;
  const [totp] = done.value;
  return renewedAnswer(parts, at, { recoveryCodes: totp?.["RecoveryCodes"] });
}

async function removeTotp(parts: AccountParts, at: AtAccount): Promise<Answer> {
  const read = readTexts(at.fields, ["current"]);
  if (!read.ok) return read.fault;
  const refusal = await confirmPassword(parts, { at, password: read.value.current });
  if (refusal !== undefined) return refusal;
  const done = await runForSelf(parts, at, { cmdlet: "Disable-AdministratorTotp" });
  return done.ok ? renewedAnswer(parts, at) : done.fault;
}

async function renewRecoveryCodes(parts: AccountParts, at: AtAccount): Promise<Answer> {
  const read = readTexts(at.fields, ["current"]);
  if (!read.ok) return read.fault;
  const refusal = await confirmPassword(parts, { at, password: read.value.current });
  if (refusal !== undefined) return refusal;
  const done = await runForSelf(parts, at, { cmdlet: "New-AdministratorRecoveryCode" });
  if (!done.ok) return done.fault;
  const [made] = done.value;
  return jsonAnswer(200, { recoveryCodes: made?.["RecoveryCodes"] });
}

/** Only one of his own: others are for Remove-AdministratorSession. */
async function endSession(parts: AccountParts, at: AtAccount): Promise<Answer> {
  const read = readTexts(at.fields, ["id"]);
  if (!read.ok) return read.fault;
  const { id } = read.value;
  const own = parts.desk.account.sessionsOf(at.row.name);
  if (!own.some((one) => one.id === id)) {
    const message = "there is no such session; it may have ended already";
    return errorAnswer(404, { code: "not-found", message });
  }
  const parameters = { Identity: id };
  const done = await runForSelf(parts, at, { cmdlet: "Remove-AdministratorSession", parameters });
  return done.ok ? jsonAnswer(200, {}) : done.fault;
}

async function endOtherSessions(parts: AccountParts, at: AtAccount): Promise<Answer> {
  const own = parts.desk.account.sessionsOf(at.row.name);
  for (const { id } of own) {
    if (id === at.session.id) continue;
    const parameters = { Identity: id };
    const done = await runForSelf(parts, at, { cmdlet: "Remove-AdministratorSession", parameters });
    // It may have ended by itself meanwhile.
    if (!done.ok && done.fault.status !== 404) return done.fault;
  }
  return jsonAnswer(200, {});
}
