import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Scope } from "./scope.ts";
import { type Configuration, startServer, type TestServer, temporaryFolder } from "./server.ts";

const FAULTS = join(import.meta.dirname, "../scenarios/sts-port-faults.ts");

/** Starts a server that trusts an authority, and asks for policies of MTA-STS at a port. */
export async function startPolicyServer(
  t: Scope,
  options: {
    readonly configuration: Configuration;
    /** The authority's certificate, PEM. */
    readonly trusted: string;
    readonly policyPort: number;
  },
): Promise<TestServer> {
  const dataFolder = join(await temporaryFolder(t), "data");
  const authorities = join(dataFolder, "certificates/authorities");
  await mkdir(authorities, { recursive: true });
  await writeFile(join(authorities, "test.pem"), options.trusted);
  return startServer(t, {
    dataFolder,
    configuration: options.configuration,
    environment: { POSTRIDER_TEST_FAULTS: FAULTS, MTA_STS_PORT: String(options.policyPort) },
  });
}
