import { basename, extname, join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { CERTIFICATE_FILE_BYTES_MAX } from "../tls/certificate-folder.ts";
import { importCertificate } from "../tls/certificate-import.ts";
import { readBounded } from "../tls/durable-file.ts";
import type { Terminal } from "./terminal.ts";

/** What the command line gave. */
export interface ImportOptions {
  readonly file: string;
  /** Default: the file's name without its ending. */
  readonly name: string | undefined;
  readonly keyFile: string | undefined;
  readonly passphraseFile: string | undefined;
  readonly dataDirectory: string;
}

/**
 * `postrider import-certificate`: puts a certificate into the data directory; a running server
 * takes it up by itself. Returns the exit code.
 */
export async function importCertificateFile(
  options: ImportOptions,
  clock: Clock,
  terminal: Terminal,
): Promise<number> {
  const { file, keyFile, passphraseFile } = options;
  try {
    const name = options.name ?? basename(file, extname(file));
    const content = await readBounded(file, CERTIFICATE_FILE_BYTES_MAX);
    const key = keyFile && (await readText(keyFile));
    const passphrase = passphraseFile && (await readText(passphraseFile)).split(/\r?\n/)[0];
    const directory = join(options.dataDirectory, "certificates");
    const upload = { name, content, key: key || undefined, passphrase };
    const done = await importCertificate(directory, upload, clock.nowMs());
    if (!done.ok) {
      terminal.complain(`postrider: ${file}: ${done.fault.reason}`);
      terminal.complain(`postrider: ${done.fault.cure}`);
      return 1;
    }
    const { material, warnings } = done.value;
    terminal.say(`Imported as ${join(directory, material.file)}`);
    terminal.say(`  subject      ${material.subject.replaceAll("\n", ", ")}`);
    terminal.say(`  issuer       ${material.issuer.replaceAll("\n", ", ")}`);
    terminal.say(`  names        ${material.names.join(", ")}`);
    terminal.say(`  valid until  ${new Date(material.validToMs).toISOString()}`);
    terminal.say(`  fingerprint  ${material.fingerprint}`);
    for (const warning of warnings) terminal.complain(`postrider: beware: ${warning}`);
    return 0;
  } catch (error) {
    // Of the file system: its words name the file.
    terminal.complain(`postrider: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

async function readText(path: string): Promise<string> {
  return (await readBounded(path, CERTIFICATE_FILE_BYTES_MAX)).toString("utf8");
}
