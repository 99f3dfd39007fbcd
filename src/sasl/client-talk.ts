import type { ChannelBindingType } from "../base/channel-binding.ts";

/** What a client logs on with. */
export type ClientCredential =
  | { readonly kind: "password"; readonly userName: string; readonly password: string }
  | { readonly kind: "token"; readonly userName: string; readonly token: string }
  /** What TLS has shown already. */
  | { readonly kind: "certificate" };

/** One with a password. */
export type PasswordCredential = Extract<ClientCredential, { readonly kind: "password" }>;

/** What the client says at a step. */
export interface ClientMove {
  /** `undefined` only at the start: the server speaks first. */
  readonly bytes: Uint8Array | undefined;
  /** Whether a success may come now. */
  readonly isComplete: boolean;
}

/**
 * The client's side of a mechanism as one function: it yields moves, is given challenges and
 * returns why the exchange has to be cancelled.
 */
export type ClientTalk = AsyncGenerator<ClientMove, string, Uint8Array>;

/** What a talk knows of its surroundings. */
export interface ClientStart {
  readonly binding: (type: ChannelBindingType) => Uint8Array | undefined;
  readonly offersPlus: boolean;
  readonly hostName: string;
  readonly nowMs: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
}

/** A move after which the server has still something to say or to prove. */
export function midway(bytes: Uint8Array | undefined): ClientMove {
  return { bytes, isComplete: false };
}

/** A move after which all that is missing is the server's yes. */
export function complete(bytes: Uint8Array): ClientMove {
  return { bytes, isComplete: true };
}

/** A server that has no end. */
export const ONE_CHALLENGE_TOO_MANY = "the server asks for more than the mechanism has";
