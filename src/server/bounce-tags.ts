import type { Clock } from "../base/clock.ts";
import type { SecretBox } from "../base/secret-box.ts";
import { type BounceTags, createBounceTags } from "../mail/batv.ts";

/** Tags with this server's own keys: derived, not stored, so that all threads have the same. */
export function bounceTags(parts: {
  readonly clock: Clock;
  readonly secrets: SecretBox;
}): BounceTags {
  const { clock, secrets } = parts;
  return createBounceTags(
    (keyNumber) => secrets.derive(`batv ${keyNumber}`),
    () => clock.nowMs(),
  );
}
