import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { run } from "./peers.ts";
import { startProgram } from "./program.ts";
import type { Scope } from "./scope.ts";
import { temporaryFolder } from "./server.ts";

/** The realm of a throw-away Kerberos. */
export const REALM = "CONTOSO.TEST";

/** A key distribution centre of MIT Kerberos with its own database, on a free port. */
export interface Kdc {
  /** For programs that use Kerberos: where its configuration is. */
  readonly environment: Readonly<Record<string, string>>;
  /** Keys of the service `smtp/localhost`. */
  readonly keytab: string;
  /** Logs `user` on; the environment of programs that then act as him. */
  logOn(user: string, password: string): Promise<Readonly<Record<string, string>>>;
}

/** Starts one with these users and their passwords. Ends with the test. */
export async function startKdc(t: Scope, users: Readonly<Record<string, string>>): Promise<Kdc> {
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const environment = {
    KRB5_CONFIG: join(folder, "krb5.conf"),
    KRB5_KDC_PROFILE: join(folder, "kdc.conf"),
  };
  await writeFile(environment.KRB5_CONFIG, clientConfiguration(port));
  await writeFile(environment.KRB5_KDC_PROFILE, kdcConfiguration(folder, port));
  const admin = async (program: string, ...options: readonly string[]) => {
    const ended = await runWith(environment, program, options);
    if (ended.code !== 0) throw new Error(`${program} ${options.join(" ")}: ${ended.stderr}`);
  };
  await admin("kdb5_util", "create", "-s", "-P", "master");
  for (const [user, password] of Object.entries(users)) {
    await admin("kadmin.local", "-q", `addprinc -pw "${password}" ${user}`);
  }
  const keytab = join(folder, "smtp.keytab");
  await admin("kadmin.local", "-q", "addprinc -randkey smtp/localhost");
  await admin("kadmin.local", "-q", `ktadd -k ${keytab} smtp/localhost`);
  let caches = 0;
  const logOn = async (user: string, password: string) => {
    caches += 1;
    const own = { ...environment, KRB5CCNAME: `FILE:${join(folder, `cache-${caches}`)}` };
    const ended = await runWith(own, "kinit", [user], `${password}\n`);
    if (ended.code !== 0) throw new Error(`kinit ${user}: ${ended.stderr}`);
    return own;
  };
  const [user, password] = Object.entries(users)[0] ?? ["nobody", ""];
  await startProgram(t, {
    program: "krb5kdc",
    options: ["-n"],
    what: "the KDC",
    environment,
    ready: () => logOn(user, password).catch(() => undefined),
  });
  return { environment, keytab, logOn };
}

function runWith(
  environment: Readonly<Record<string, string>>,
  program: string,
  options: readonly string[],
  input = "",
) {
  // `env` sets what `run` has no word for.
  const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return run("env", [...set, program, ...options], input);
}

function clientConfiguration(port: number): string {
  return `
[libdefaults]
  default_realm = ${REALM}
  dns_lookup_realm = false
  dns_lookup_kdc = false
  dns_canonicalize_hostname = false
  rdns = false
[realms]
  ${REALM} = {
    kdc = 127.0.0.1:${port}
  }
[domain_realm]
  localhost = ${REALM}
`;
}

function kdcConfiguration(folder: string, port: number): string {
  return `
[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${REALM} = {
    database_name = ${folder}/principal
    key_stash_file = ${folder}/stash
    acl_file = ${folder}/kadm5.acl
    max_life = 1h
  }
[logging]
  kdc = FILE:${folder}/kdc.log
`;
}
