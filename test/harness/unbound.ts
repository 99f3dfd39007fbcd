import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ProgramOptions, startProgram } from "./program.ts";
import type { Scope } from "./scope.ts";
import { temporaryFolder } from "./server.ts";

/** A resolver of the test's own. */
export interface UnboundOptions {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly modules: "iterator" | "validator iterator";
  /** Further lines of its section `server`. */
  readonly settings: readonly string[];
  /** Further sections. */
  readonly sections?: readonly string[];
  /** Put before the command line. */
  readonly wrapper?: readonly string[];
  readonly ready: ProgramOptions["ready"];
}

/** Starts Unbound from Debian; it ends with the test. */
export async function startUnbound(t: Scope, options: UnboundOptions): Promise<void> {
  const { port, modules, settings, sections = [], wrapper = [], ready } = options;
  const folder = await temporaryFolder(t);
  const path = join(folder, "unbound.conf");
  await writeFile(
    path,
    `server:
  interface: 127.0.0.1@${port}
  do-daemonize: no
  username: ""
  chroot: ""
  pidfile: ""
  directory: "${folder}"
  use-syslog: no
  module-config: "${modules}"
  ${settings.join("\n  ")}
remote-control:
  control-enable: no
${sections.join("")}`,
  );
  const [program = "", ...words] = [...wrapper, "unbound", "-d", "-c", path];
  await startProgram(t, { program, options: words, what: "Unbound's answers", ready });
}
