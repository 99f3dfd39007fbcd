import type { OwnSession } from "../access/identification.ts";
import type { Session } from "../access/sessions.ts";
import type { Clock } from "../base/clock.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { KiB } from "../base/units.ts";
import type { Execute } from "../cmdlet/execution.ts";
import type { OutputObject } from "../cmdlet/output-type.ts";
import type { AdministratorRow } from "../store/access-store.ts";
import { begunAnswer } from "./begun-session.ts";
import { cmdletOutcome } from "./cmdlet-outcome.ts";
import { type Answer, errorAnswer } from "./http-answer.ts";
import { type JsonObject, readJsonBody } from "./request-body.ts";
import type { KnownRequest } from "./run-route.ts";
import { type AccessControl, badRequest, loginProblem } from "./session-routes.ts";
import type { SignInDesk } from "./sign-in-desk.ts";

const BODY_BYTES_MAX = 64 * KiB;

/** What the pages of one's own account stand on. */
export interface AccountParts {
  readonly access: AccessControl;
  readonly desk: SignInDesk;
  readonly execute: Execute;
  readonly clock: Clock;
}

/** An administrator at his own account. */
export interface AtAccount {
  readonly row: AdministratorRow;
  readonly session: Session;
  readonly known: KnownRequest & { readonly session?: OwnSession | undefined };
  /** The body; empty for a GET. */
  readonly fields: JsonObject;
}

/** Something that an administrator does to his own account. */
export type AccountAction = (parts: AccountParts, at: AtAccount) => Promise<Answer> | Answer;

/** Finds out whose account it is, reads the body, and acts. */
export async function answerAccount(
  parts: AccountParts,
  { known, act }: { readonly known: AtAccount["known"]; readonly act: AccountAction },
): Promise<Answer> {
  const { account } = parts.desk;
  const row = known.session && account.find(known.caller.name);
  const session = row && account.sessionsOf(row.name).find(({ id }) => id === known.session?.id);
  if (row === undefined || session === undefined) return NO_ACCOUNT;
  if (known.request.method === "GET") return act(parts, { row, session, known, fields: {} });
  const body = await readJsonBody(known.request, { bytesMax: BODY_BYTES_MAX });
  return body.ok ? act(parts, { row, session, known, fields: body.value.value }) : body.fault;
}

const NO_ACCOUNT = errorAnswer(403, {
  code: "forbidden",
  message: "only an administrator who has logged in has an account here; root and tokens have none",
});

/** The fields of a body, which must be these texts and no others. */
export function readTexts<Name extends string>(
  fields: JsonObject,
  names: readonly Name[],
): Result<Readonly<Record<Name, string>>, Answer> {
  const isWhole = Object.keys(fields).length === names.length;
  const texts = names.map((name) => [name, fields[name]] as const);
  if (isWhole && hasTextsOnly(texts)) return ok(recordOf(texts));
  const shown = names.map((name) => `"${name}": …`).join(", ");
  return fault(badRequest(`send {${shown}}, all of them texts`));
}

function hasTextsOnly<Name extends string>(
  pairs: readonly (readonly [Name, unknown])[],
): pairs is readonly (readonly [Name, string])[] {
  return pairs.every(([, value]) => typeof value === "string");
}

function recordOf<Name extends string>(
  pairs: readonly (readonly [Name, string])[],
): Readonly<Record<Name, string>> {
  return Object.fromEntries(pairs) as Record<Name, string>;
}

/**
 * Whether it is he who sits there, and not somebody who has found his browser open: what would give
 * another one a way in for good needs his password once more.
 */
export async function confirmPassword(
  { desk, clock }: AccountParts,
  { at, password }: { readonly at: AtAccount; readonly password: string },
): Promise<Answer | undefined> {
  const { row, session, known } = at;
  if (row.passwordHash === "") return NO_PASSWORD;
  const { address } = known.caller;
  const from = { address, browser: session.browser };
  const confirmed = await desk.confirm({ name: row.name, password, ...from });
  if (confirmed.ok) return undefined;
  // Not 401: he is logged in, and stays so.
  return confirmed.fault.kind === "wrong"
    ? errorAnswer(403, {
        code: "forbidden",
        message: "the password is wrong",
        parameter: "current",
      })
    : loginProblem(confirmed.fault, clock.nowMs());
}

const NO_PASSWORD = errorAnswer(409, {
  code: "conflict",
  message:
    "you sign in by way of your organization, which looks after your password, second factor and " +
    "passkeys; there are none here",
});

/** Runs a cmdlet about his own account, whatever his role groups. */
export function runForSelf(
  { execute }: AccountParts,
  { known, row }: AtAccount,
  call: { readonly cmdlet: string; readonly parameters?: Readonly<Record<string, unknown>> },
): Promise<Result<readonly OutputObject[], Answer>> {
  const { address } = known.caller;
  return cmdletOutcome(execute, {
    cmdlet: call.cmdlet,
    parameters: { Identity: row.name, ...call.parameters },
    caller: {
      name: row.name,
      roleGroups: ["Organization Management"],
      via: "session",
      address,
    },
  });
}

/** His sessions are over with his old credentials: he gets a new one where he is. */
export function renewedAnswer(
  { access, desk }: AccountParts,
  { session, known }: AtAccount,
  more: object = {},
): Answer {
  const begun = desk.account.renewSession(session);
  if (begun === undefined) return NO_ACCOUNT;
  const form = known.session?.csrfToken === undefined ? "bearer" : "cookie";
  return begunAnswer(access, { begun, form, request: known.request, more });
}
