import type { AcceptResult } from "./krb5-library.ts";

/** Contexts open at one time; a logon holds one for a few round trips. */
export const CONTEXTS_MAX = 1000;

/** What the process is asked; `context` is the asker's number for it. */
export type AcceptorRequest =
  | {
      readonly id: number;
      readonly kind: "open";
      readonly context: number;
      readonly channelBinding: Uint8Array | undefined;
    }
  | {
      readonly id: number;
      readonly kind: "accept" | "wrap" | "unwrap";
      readonly context: number;
      readonly bytes: Uint8Array;
    }
  | { readonly id: number; readonly kind: "close"; readonly context: number };

/** Its answers; 0 is the id of the first one, which says that the library is loaded. */
export type AcceptorReply =
  | { readonly id: number; readonly kind: "opened" }
  | { readonly id: number; readonly kind: "accepted"; readonly result: AcceptResult }
  | { readonly id: number; readonly kind: "bytes"; readonly bytes: Uint8Array | undefined }
  | { readonly id: number; readonly kind: "failed"; readonly detail: string };

/** Both ends are ours: only that it is a message of this protocol is looked at. */
export function isAcceptorRequest(value: unknown): value is AcceptorRequest {
  return typeof value === "object" && value !== null && "kind" in value && "context" in value;
}

/** As `isAcceptorRequest`, for the other direction. */
export function isAcceptorReply(value: unknown): value is AcceptorReply {
  return typeof value === "object" && value !== null && "kind" in value && "id" in value;
}
