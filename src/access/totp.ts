import { Secret, TOTP } from "otpauth";
import { SECOND } from "../base/units.ts";

const SECRET_BYTES = 20;
const STEP_MS = 30 * SECOND;
const ALGORITHM = { algorithm: "SHA1", digits: 6, period: STEP_MS / SECOND } as const;
/** Steps before and after now whose codes count: clocks differ (RFC 6238 §5.2). */
const STEPS_AROUND = 1;

/** A new shared secret in base32 (RFC 4226 §4: at least 128 bits). */
export function makeTotpSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/** What an authenticator takes in by camera; it holds the secret. */
export function formatTotpUri(of: {
  readonly server: string;
  readonly name: string;
  readonly secret: string;
}): string {
  const secret = Secret.fromBase32(of.secret);
  const issuer = `Postrider ${of.server}`;
  return new TOTP({ ...ALGORITHM, issuer, label: of.name, secret }).toString();
}

/**
 * The step that a code belongs to; `undefined` when it is wrong, too old, or not newer than the
 * step used last: a code that was seen on its way is worth nothing (RFC 6238 §5.2).
 */
export function findTotpStep(of: {
  readonly secret: string;
  readonly code: string;
  readonly nowMs: number;
  readonly lastStep: number;
}): number | undefined {
  const token = of.code.replaceAll(" ", "");
  // Other characters than digits make the library throw.
  if (!/^[0-9]{6}$/.test(token)) return undefined;
  const secret = Secret.fromBase32(of.secret);
  const timestamp = of.nowMs;
  const options = { ...ALGORITHM, secret, timestamp, window: STEPS_AROUND };
  const delta = TOTP.validate({ ...options, token });
  if (delta === null) return undefined;
  const step = Math.floor(of.nowMs / STEP_MS) + delta;
  return step > of.lastStep ? step : undefined;
}
