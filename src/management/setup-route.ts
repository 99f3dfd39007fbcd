import type { Clock } from "../base/clock.ts";
import type { Execute } from "../cmdlet/execution.ts";
import { sourceOf } from "../net/client-address.ts";
import { begunAnswer } from "./begun-session.ts";
import { cmdletOutcome } from "./cmdlet-outcome.ts";
import { type Answer, errorAnswer, jsonAnswer } from "./http-answer.ts";
import {
  type AccessControl,
  badRequest,
  browserOf,
  type LoginAttempt,
  readSignIn,
} from "./session-routes.ts";
import type { SignInDesk } from "./sign-in-desk.ts";
import { SourceLimit } from "./source-limit.ts";

/** Nobody guesses 256 bits; who tries makes no work of it. */
const TRIES = { burst: 10, perSecond: 0.1 };

/** `GET /api/v1/sign-in`: which ways in there are, for the page that asks who one is. */
export function answerWaysIn({ setup, openId }: SignInDesk): Answer {
  const { name, isOnlyWay } = openId.facts() ?? { name: null, isOnlyWay: false };
  return jsonAnswer(200, {
    setup: setup.isNeeded() && !isOnlyWay,
    password: !isOnlyWay,
    organization: name,
  });
}

/** Makes what answers `POST /api/v1/setup`: the first administrator, made and logged in. */
export function createSetupRoute(parts: {
  readonly access: AccessControl;
  readonly desk: SignInDesk;
  readonly execute: Execute;
  readonly clock: Clock;
}): (attempt: LoginAttempt) => Promise<Answer> {
  const { access, desk, execute } = parts;
  const limit = new SourceLimit(parts.clock, TRIES);
  return async (attempt) => {
    const { address, request } = attempt;
    if (!limit.take(sourceOf(address))) return TOO_MANY;
    const read = await readSignIn(attempt);
    if (!read.ok) return read.fault;
    const { token, name, password, ...others } = read.value.fields;
    const areTexts = [token, name, password].every((field) => typeof field === "string");
    if (!areTexts || typeof token !== "string" || Object.keys(others).length > 0) {
      return badRequest('send {"token": …, "name": …, "password": …}');
    }
    const taken = desk.setup.take(token);
    if (taken === undefined) return GONE;
    let isMade = false;
    try {
      const made = await cmdletOutcome(execute, {
        cmdlet: "New-Administrator",
        parameters: { Name: name, Password: password, RoleGroups: ["Organization Management"] },
        caller: {
          name: SETUP_CALLER,
          roleGroups: ["Organization Management"],
          via: "link",
          address,
        },
      });
      if (!made.ok) return made.fault;
      isMade = true;
    } finally {
      if (!isMade) taken.giveBack();
    }
    const how = { address, browser: browserOf(request), way: "SetupLink" } as const;
    const begun = await desk.admit(String(name), how);
    if (begun === undefined) return GONE;
    return begunAnswer(access, { begun, form: read.value.form, request });
  };
}

/** As the audit log names whoever has come by the link. */
const SETUP_CALLER = "set-up link";

const GONE = errorAnswer(403, {
  code: "forbidden",
  message:
    "this link is not good: it has been used, is older than a day, the server has started again " +
    "since, or there is an administrator already. A start without any prints a new one; local " +
    "root can run New-Administrator at any time",
});
const TOO_MANY = errorAnswer(429, {
  code: "too-many-requests",
  message: "too many tries; try again in a minute",
});
