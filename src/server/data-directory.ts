import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { SecretBox } from "../base/secret-box.ts";
import { openSecretBox } from "./secret-key.ts";

/** Subfolders that exist from the first start on (design §10). */
const FOLDERS = ["mailboxes", "logs", "certificates", "pickup", "replay"];
/** Present while a server runs: found at start, the one before did not stop in order. */
const RUNNING = "running";
/** The key of all that is sealed in the databases; whoever copies those alone learns no secret. */
const SECRET_KEY = "secret.key";

/** Where everything of one server lies. */
export interface DataDirectory {
  readonly path: string;
  /** The server before did not stop in order. */
  readonly wasUnclean: boolean;
  /** Seals what is secret in the databases; its key lies beside them. */
  readonly secrets: SecretBox;
  /** Says that this one has. */
  markStopped(): void;
}

/** The box of a data directory, whose key is made where there is none. Throws as openSecretBox. */
export function openSecrets(path: string): SecretBox {
  return openSecretBox(join(path, SECRET_KEY));
}

/** Makes what is missing, for this user only. Throws the system's error. */
export function openDataDirectory(path: string): DataDirectory {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  for (const folder of FOLDERS) mkdirSync(join(path, folder), { recursive: true, mode: 0o700 });
  const secrets = openSecrets(path);
  const marker = join(path, RUNNING);
  const wasUnclean = existsSync(marker);
  const file = openSync(marker, "w", 0o600);
  writeSync(file, `${process.pid}\n`);
  fsyncSync(file);
  closeSync(file);
  return { path, wasUnclean, secrets, markStopped: () => rmSync(marker, { force: true }) };
}
