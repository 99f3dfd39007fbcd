import type { SecretBox } from "../base/secret-box.ts";
import { formatKeyRecord, type KeyKind, parsePrivateKey } from "../dkim/private-key.ts";
import type { Domain } from "../mail/address.ts";

/** One key of a domain that signs. */
export interface DkimKey {
  readonly selector: string;
  /** Sealed: PKCS #8 in base64. */
  readonly privateKey: string;
}

/** How mail of one domain is signed (RFC 6376). */
export interface DkimSigningConfig {
  /** The domain. */
  readonly name: Domain;
  readonly enabled: boolean;
  readonly rsaKey: DkimKey | undefined;
  readonly ed25519Key: DkimKey | undefined;
  /** ISO 8601; from then on the next keys sign. */
  readonly rotateOnDate: string | undefined;
  readonly nextRsaKey: DkimKey | undefined;
  readonly nextEd25519Key: DkimKey | undefined;
  /** Age at which keys are replaced by themselves; 0: never. */
  readonly rotationIntervalMs: number;
}

/** The keys that sign at that moment: the next ones when their date has come. */
export function signingKeysAt(
  config: DkimSigningConfig,
  nowMs: number,
): Pick<DkimSigningConfig, "rsaKey" | "ed25519Key"> {
  const { rotateOnDate, nextRsaKey, nextEd25519Key } = config;
  if (rotateOnDate === undefined || nowMs < Date.parse(rotateOnDate)) return config;
  return { rsaKey: nextRsaKey, ed25519Key: nextEd25519Key };
}

/** What DNS has to say of a sealed key; `undefined`: it cannot be opened. */
export function openKeyRecord(kind: KeyKind, sealed: string, box: SecretBox): string | undefined {
  const key = parsePrivateKey(box.open(sealed) ?? "", kind);
  return key.ok ? formatKeyRecord(key.value) : undefined;
}
