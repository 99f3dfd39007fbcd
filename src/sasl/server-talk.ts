import { unreachable } from "../base/assert.ts";
import type { ChannelBindingType } from "../base/channel-binding.ts";
import type { Checked, CredentialBackend, SaslFault, ServerStep } from "./mechanism.ts";

/** How a talk ends. */
export type ServerEnd<Account> = Exclude<ServerStep<Account>, { readonly kind: "challenge" }>;

/**
 * The server's side of a mechanism as one function that reads like its RFC: it yields challenges,
 * is given responses and returns the end. What it holds it frees in `finally`, since a client may
 * be gone at any `yield`.
 */
export type ServerTalk<Account> = AsyncGenerator<Uint8Array, ServerEnd<Account>, Uint8Array>;

/** What a talk starts from. */
export interface ServerStart<Account> {
  readonly initialResponse: Uint8Array | undefined;
  readonly backend: CredentialBackend<Account>;
  readonly binding: (type: ChannelBindingType) => Uint8Array | undefined;
  readonly offersPlus: boolean;
  readonly hostName: string;
  readonly nowMs: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
}

/** The challenge that says nothing: for clients without an initial response (RFC 4422 §3.3). */
export const EMPTY = new Uint8Array();

/** The client's first message, asked for with an empty challenge when it did not come along. */
export async function* firstMessage(
  initialResponse: Uint8Array | undefined,
): AsyncGenerator<Uint8Array, Uint8Array, Uint8Array> {
  return initialResponse ?? (yield EMPTY);
}

/** The end that the backend's answer means for `user`. */
export function conclude<Account>(checked: Checked<Account>, user: string): ServerEnd<Account> {
  switch (checked.kind) {
    case "known":
      return { kind: "succeeded", account: checked.account, user };
    case "refused":
      return refused(user, checked.detail);
    case "temporary":
      return unavailable(checked.detail);
    default:
      return unreachable(checked);
  }
}

/** The end of one who is not who he says, or may not. */
export function refused(user: string, detail: string): ServerEnd<never> {
  return failed({ kind: "credentials", user, detail });
}

/** The end of one who does not speak the mechanism. */
export function malformed(detail: string): ServerEnd<never> {
  return failed({ kind: "malformed", detail });
}

/** The end when the store could not be asked. */
export function unavailable(detail: string): ServerEnd<never> {
  return failed({ kind: "temporary", detail });
}

function failed(fault: SaslFault): ServerEnd<never> {
  return { kind: "failed", fault };
}
