import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { queryClient } from "../../api/cmdlet-query.ts";
import { requestJson } from "../../api/request.ts";
import { takeCsrfToken } from "../../api/session-life.ts";

/** One's own account, as the server tells it. */
export interface Account {
  readonly name: string;
  readonly roleGroups: readonly string[];
  /** Another sign-in looks after it. */
  readonly isExternal: boolean;
  readonly passwordSet: string;
  readonly totp: boolean;
  readonly recoveryCodesLeft: number;
  readonly passkeys: readonly Passkey[];
  readonly sessions: readonly OwnSession[];
}

/** A passkey of one's own. */
export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  readonly lastUsed: string | null;
}

/** A place where one is signed in. */
export interface OwnSession {
  readonly id: string;
  readonly isThis: boolean;
  readonly address: string;
  readonly browser: string;
  readonly way: string;
  readonly began: string;
  readonly lastUsed: string;
}

const accountQuery = queryOptions({
  queryKey: ["account"],
  queryFn: ({ signal }) => requestJson<Account>({ method: "GET", path: "/account", signal }),
});

/** One's own account; suspends until it is read. */
export function useAccount(): Account {
  return useSuspenseQuery(accountQuery).data;
}

/** Does something to one's own account, and reads it again. */
export async function changeAccount<Answer>(path: string, body: object): Promise<Answer> {
  const request = { method: "POST", path: `/account/${path}`, body } as const;
  const answer = await requestJson<Answer & { readonly csrfToken?: string }>(request);
  // Other credentials begin another session, which has another token.
  if (answer.csrfToken !== undefined) takeCsrfToken(answer.csrfToken);
  await queryClient.invalidateQueries({ queryKey: accountQuery.queryKey });
  return answer;
}
