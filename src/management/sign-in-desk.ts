import type { Account } from "../access/account.ts";
import type { Admission, BegunSession, Entrance } from "../access/entrance.ts";
import type { LoginProblem, LoginRequest } from "../access/login.ts";
import type { OpenIdSignIn } from "../access/open-id-sign-in.ts";
import type { Passkeys } from "../access/passkeys.ts";
import type { SetupLink } from "../access/setup-link.ts";
import type { Result } from "../base/result.ts";

/** What the pages for signing in, and for one's own account, ask of the server. */
export interface SignInDesk {
  readonly account: Pick<Account, "find" | "sessionsOf" | "renewSession">;
  readonly setup: Pick<SetupLink, "isNeeded" | "take">;
  /** Whether somebody who is in knows his password. */
  readonly confirm: (request: Omit<LoginRequest, "code">) => Promise<Result<true, LoginProblem>>;
  /** Begins a session for somebody who has shown who he is; `undefined`: there is no such one. */
  readonly admit: (name: string, how: Admission) => Promise<BegunSession | undefined>;
  readonly passkeys: Pick<
    Passkeys,
    "siteOf" | "beginSignIn" | "signIn" | "beginRegistration" | "register" | "rename"
  >;
  readonly openId: Pick<OpenIdSignIn, "facts" | "begin" | "finish">;
  /** Tells of somebody who was not let in. */
  readonly refuse: Entrance["refuse"];
  /** The name of the server, as authenticators show it. */
  readonly serverName: () => string;
}
