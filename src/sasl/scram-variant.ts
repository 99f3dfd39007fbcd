import { unreachable } from "../base/assert.ts";
import type { MechanismName, ScramHash } from "./mechanism.ts";

/** The names of SCRAM's mechanisms. */
export type ScramMechanism = Extract<MechanismName, `SCRAM-${string}`>;

/** Hash and binding that a name stands for. */
export function scramVariant(mechanism: ScramMechanism): {
  readonly digest: ScramHash;
  readonly isPlus: boolean;
} {
  switch (mechanism) {
    case "SCRAM-SHA-256-PLUS":
      return { digest: "sha256", isPlus: true };
    case "SCRAM-SHA-256":
      return { digest: "sha256", isPlus: false };
    case "SCRAM-SHA-1-PLUS":
      return { digest: "sha1", isPlus: true };
    case "SCRAM-SHA-1":
      return { digest: "sha1", isPlus: false };
    default:
      return unreachable(mechanism);
  }
}
