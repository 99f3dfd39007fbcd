import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { run } from "./peers.ts";
import { startProgram } from "./program.ts";
import type { Scope } from "./scope.ts";
import { temporaryFolder } from "./server.ts";
import { startUnbound } from "./unbound.ts";

/** A zone that exists on this machine only. */
export interface LocalZone {
  /** Without a final dot. */
  readonly name: string;
  /** By DNSSEC; the resolver trusts its key. */
  readonly isSigned: boolean;
  /** Lines of the zone file below SOA and NS; names without a final dot are below the zone. */
  readonly records: readonly string[];
}

/** Where the name servers run. */
export interface ZonePlace {
  /** The resolver's, on 127.0.0.1; default: a free one. */
  readonly port?: number;
  /** Put before each command line: what enters a network of its own. */
  readonly wrapper?: readonly string[];
}

/**
 * Knot serves the zones and signs them, Unbound resolves and validates; both end with the test.
 * Returns the resolver's port.
 */
export async function startLocalZones(
  t: Scope,
  zones: readonly LocalZone[],
  place: ZonePlace = {},
): Promise<number> {
  const folder = await temporaryFolder(t);
  const { wrapper = [], port = await freePort() } = place;
  const inside = (...words: readonly string[]) => {
    const [program = "", ...options] = [...wrapper, ...words];
    return { program, options };
  };
  const ask = (server: number, name: string) => {
    const where = ["@127.0.0.1", "-p", String(server), "+dnssec", "+retry=0", "+timeout=1"];
    const { program, options } = inside("kdig", ...where, "SOA", `${name}.`);
    return run(program, options);
  };
  const authority = await freePort();
  const knotPath = await writeKnot(folder, authority, zones);
  await startProgram(t, {
    ...inside("knotd", "-c", knotPath),
    what: "Knot's zones",
    async ready() {
      for (const { name, isSigned } of zones) {
        const { stdout } = await ask(authority, name);
        if (!(isSigned ? /\bRRSIG\b/ : /\bSOA\b/).test(stdout.replace(/^;;.*$/gm, "")))
          return false;
      }
      return true;
    },
  });
  await startUnbound(t, {
    port,
    wrapper,
    modules: "validator iterator",
    settings: [
      "do-not-query-localhost: no",
      'local-zone: "test." nodefault',
      ...(await trustAnchors(knotPath, zones)),
    ],
    sections: zones.map(
      ({ name }) => `stub-zone:\n  name: "${name}."\n  stub-addr: 127.0.0.1@${authority}\n`,
    ),
    async ready() {
      for (const { name, isSigned } of zones) {
        const flags = /^;; Flags: ([a-z ]*);.* ANSWER: [1-9]/m.exec((await ask(port, name)).stdout);
        if (flags?.[1]?.includes("ad") !== isSigned) return false;
      }
      return true;
    },
  });
  return port;
}

/** Everything about a signed zone is Knot's own doing: keys, signatures, denial of existence. */
async function writeKnot(
  folder: string,
  port: number,
  zones: readonly LocalZone[],
): Promise<string> {
  for (const name of ["zones", "keys"]) await mkdir(join(folder, name));
  const listed = zones.map(({ name, isSigned }) =>
    isSigned
      ? `  - domain: ${name}\n    dnssec-signing: on\n    dnssec-policy: local\n`
      : `  - domain: ${name}\n`,
  );
  for (const { name, records } of zones) {
    const head = `$ORIGIN ${name}.\n$TTL 60\n@ SOA ns hostmaster 1 3600 900 86400 60\n@ NS ns\n`;
    const text = `${head}ns A 127.0.0.1\n${records.join("\n")}\n`;
    await writeFile(join(folder, "zones", `${name}.zone`), text);
  }
  const path = join(folder, "knot.conf");
  await writeFile(
    path,
    `server:
    rundir: "${folder}"
    listen: 127.0.0.1@${port}
database:
    storage: "${folder}/keys"
    kasp-db-max-size: 10M
    journal-db-max-size: 10M
    timer-db-max-size: 10M
policy:
  - id: local
    single-type-signing: on
template:
  - id: default
    storage: "${folder}/zones"
    zonefile-sync: -1
zone:
${listed.join("")}`,
  );
  return path;
}

/** The resolver's lines that make it believe the keys of the signed zones. */
async function trustAnchors(
  knotPath: string,
  zones: readonly LocalZone[],
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { name } of zones.filter(({ isSigned }) => isSigned)) {
    const { stdout, stderr } = await run("keymgr", ["-c", knotPath, name, "ds"]);
    const [anchor] = stdout.split("\n");
    assert.match(anchor ?? "", / DS \d+ 13 2 [0-9a-f]{64}$/, stderr);
    lines.push(`trust-anchor: "${anchor}"`);
  }
  return lines;
}
