import { formatPrivateKey, type KeyKind, makePrivateKey } from "../dkim/private-key.ts";
import type { ObjectProperties } from "./organization-editor.ts";

/** A new key of either kind as settings have it, under selectors that name the day. */
export async function makeDkimKeys(options: {
  readonly nowMs: number;
  /** Selectors that other keys of the domain have. */
  readonly taken: readonly string[];
  readonly rsaBits: number;
}): Promise<Readonly<Record<KeyKind, ObjectProperties>>> {
  const { nowMs, taken, rsaBits } = options;
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll("-", "");
  const make = async (kind: KeyKind): Promise<ObjectProperties> => {
    let selector = `${kind}-${day}`;
    for (let count = 2; taken.includes(selector); count += 1) selector = `${kind}-${day}-${count}`;
    const key = await makePrivateKey(kind, rsaBits);
    return { selector, privateKey: formatPrivateKey(key) };
  };
  const [rsa, ed25519] = await Promise.all([make("rsa"), make("ed25519")]);
  return { rsa, ed25519 };
}
