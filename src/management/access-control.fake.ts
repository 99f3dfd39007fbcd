import { fault } from "../base/result.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import type { AccessControl } from "./session-routes.ts";

/** Lets in who shows one of these headers, and nobody by a password. */
export function closedAccess(callers: Readonly<Record<string, Caller>> = {}): AccessControl {
  return {
    identify({ headers: { authorization = "" } }) {
      const caller = callers[authorization];
      return caller === undefined ? { kind: "stranger" } : { kind: "known", caller };
    },
    logIn: async () => fault({ kind: "wrong" }),
    endSession: () => undefined,
  };
}
