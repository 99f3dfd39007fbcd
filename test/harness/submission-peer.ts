import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { answers } from "./peers.ts";
import { type PostfixPeer, startPostfixPeer } from "./postfix-peer.ts";
import { startProgram } from "./program.ts";
import type { Scope } from "./scope.ts";
import { temporaryFolder } from "./server.ts";

/** Who may log on to the peer, and how. */
export interface SubmissionPeerOptions {
  readonly user: string;
  readonly password: string;
  /** As Dovecot names them: `plain login scram-sha-256`. */
  readonly mechanisms: string;
  /** Further lines of Postfix's main.cf; they win. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * A smart host as providers run it: Postfix that takes mail for fabrikam.test from nobody but those
 * who log on over TLS, checked by Dovecot (needs root). Ends with the test.
 */
export async function startSubmissionPeer(
  t: Scope,
  options: SubmissionPeerOptions,
): Promise<PostfixPeer> {
  const authPort = await startDovecotAuth(t, options);
  return startPostfixPeer(t, {
    relayPort: await freePort(),
    settings: {
      smtpd_sasl_auth_enable: "yes",
      smtpd_sasl_type: "dovecot",
      smtpd_sasl_path: `inet:127.0.0.1:${authPort}`,
      smtpd_sasl_security_options: "noanonymous",
      smtpd_tls_auth_only: "yes",
      smtpd_recipient_restrictions: "permit_sasl_authenticated, reject",
      smtpd_relay_restrictions: "permit_sasl_authenticated, reject",
      ...options.settings,
    },
  });
}

async function startDovecotAuth(t: Scope, options: SubmissionPeerOptions): Promise<number> {
  const folder = await temporaryFolder(t);
  await chmod(folder, 0o755);
  await mkdir(join(folder, "run"));
  const { user, password, mechanisms } = options;
  await writeFile(join(folder, "users"), `${user}:{PLAIN}${password}::::::\n`);
  const port = await freePort();
  const path = join(folder, "dovecot.conf");
  await writeFile(
    path,
    `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
protocols =
ssl = no
disable_plaintext_auth = no
auth_mechanisms = ${mechanisms}
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}
service auth {
  inet_listener {
    address = 127.0.0.1
    port = ${port}
  }
}
service anvil {
  chroot =
}
`,
  );
  await startProgram(t, {
    program: "dovecot",
    options: ["-F", "-c", path],
    what: "Dovecot's auth service",
    log: () => readFile(join(folder, "log"), "utf8"),
    ready: async () => {
      return (await answers(port)) || undefined;
    },
  });
  return port;
}
