import { StoreFailure } from "../../store/queue-store.ts";
import type { Outcome } from "../queue/outcome.ts";
import { codeOf } from "./system-error.ts";

/** The mailbox was removed after its mail had been accepted (reference §6.5). */
export const NO_MAILBOX = failed(
  "5.1.10",
  "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
);

/** Past prohibitSendReceiveQuota (reference §6.5). */
export const MAILBOX_FULL = failed("5.2.2", "552 5.2.2 STOREDRV.Deliver; mailbox full");

/** The recipient can't be looked up just now. */
export const NO_DIRECTORY = deferred(
  "4.3.0",
  "451 4.3.0 STOREDRV.Deliver; recipient directory not available",
);

const NO_RESOURCES = "452 4.3.1 Insufficient system resources";
/** Codes for which the system as a whole is short of something, not this mailbox. */
const RESOURCE_WORDS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the mailbox disk",
  EDQUOT: "disk quota of the mailbox disk exceeded",
  EMFILE: "too many open files",
  ENFILE: "too many open files",
  ENOMEM: "out of memory",
};

/**
 * The outcome for a delivery that the disk or the store prevented: always deferred, as neither says
 * anything about the recipient. `undefined` for an error that is our own. The words name no path:
 * they end in a notice to the sender.
 */
export function deferralOf(error: unknown): Outcome | undefined {
  if (error instanceof StoreFailure) {
    return deferred("4.3.0", "451 4.3.0 STOREDRV.Deliver; message content not available");
  }
  const code = codeOf(error);
  if (code === undefined) return undefined;
  const words = RESOURCE_WORDS[code];
  if (words !== undefined) return deferred("4.3.1", `${NO_RESOURCES} (${words})`);
  return deferred("4.2.0", `451 4.2.0 STOREDRV.Deliver; mailbox cannot be accessed (${code})`);
}

function deferred(status: string, diagnostic: string): Outcome {
  return { kind: "deferred", fault: { status, diagnostic, hop: undefined, source: "STOREDRIVER" } };
}

function failed(status: string, diagnostic: string): Outcome {
  return { kind: "failed", fault: { status, diagnostic, hop: undefined, source: "STOREDRIVER" } };
}
