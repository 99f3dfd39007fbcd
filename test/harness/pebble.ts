import { mkdir, writeFile } from "node:fs/promises";
import { Agent, get } from "node:https";
import { join } from "node:path";
import type { Zone } from "../../src/dns/zone.fake.ts";
import { createTestAuthority } from "../../src/tls/test-authority.fake.ts";
import { startDnsServer } from "../peers/dns-server.ts";
import { freePort } from "./free-port.ts";
import { startProgram } from "./program.ts";
import { later, type Scope } from "./scope.ts";
import { temporaryFolder } from "./server.ts";

/** A certificate authority that speaks ACME (Debian's pebble), for one test. */
export interface Pebble {
  readonly directoryUrl: string;
  /** PEM file: whom to trust for the directory's own HTTPS. */
  readonly caFile: string;
  /** Where it looks for the answer to http-01 on every name. */
  readonly httpPort: number;
  /** PEM of the authority that issues the certificates. */
  root(): Promise<string>;
  readonly output: () => string;
}

/** Starts it, strict, with name service from `zone`; a share of good nonces is refused. */
export async function startPebble(t: Scope, options: { readonly zone: Zone }): Promise<Pebble> {
  const folder = await temporaryFolder(t);
  const [port, managementPort, httpPort, tlsPort] = await Promise.all(
    Array.from({ length: 4 }, () => freePort()),
  );
  const authority = await createTestAuthority("ACME HTTPS");
  const own = await authority.issue({ names: ["localhost"], addresses: ["127.0.0.1"] });
  const path = (name: string) => join(folder, name);
  await mkdir(folder, { recursive: true });
  await writeFile(path("ca.pem"), authority.pem);
  await writeFile(path("own.pem"), own.pem);
  await writeFile(path("own.key"), own.key);
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: path("own.pem"),
    privateKey: path("own.key"),
    httpPort,
    tlsPort,
    ocspResponderURL: "",
    externalAccountBindingRequired: false,
  };
  await writeFile(path("pebble.json"), JSON.stringify({ pebble }));
  const dns = await startDnsServer(options.zone);
  later(t, () => dns.close());
  const words = ["-config", path("pebble.json"), "-strict", "-dnsserver", `127.0.0.1:${dns.port}`];
  const ask = (url: string) => fetchText(url, authority.pem);
  const output = await startProgram(t, {
    program: "pebble",
    options: words,
    what: "pebble's directory",
    environment: { PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "20" },
    ready: () => ask(`https://127.0.0.1:${port}/dir`).catch(() => undefined),
  });
  return {
    directoryUrl: `https://127.0.0.1:${port}/dir`,
    caFile: path("ca.pem"),
    httpPort: httpPort ?? 0,
    root: () => ask(`https://127.0.0.1:${managementPort}/roots/0`),
    output,
  };
}

function fetchText(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: new Agent({ ca }) }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
}
