import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { mailUser } from "./peers.ts";
import { startProgram } from "./program.ts";
import type { Scope } from "./scope.ts";
import { temporaryFolder } from "./server.ts";
import { SmtpClient } from "./smtp-client.ts";

/** A Dovecot that knows its users and their quotas, unlike the one that takes everybody. */
export interface MailboxServer {
  readonly imapPort: number;
  readonly lmtpPort: number;
  /** The same LMTP service on a Unix socket. */
  readonly lmtpSocket: string;
}

/**
 * Starts Dovecot for these users, each with its quota in bytes; whom it does not know it refuses at
 * RCPT, mail over the quota at the end of data. Everybody's password is "secret". Ends with the
 * test.
 */
export async function startMailboxServer(
  t: Scope,
  quotas: Readonly<Record<string, number>>,
  options: { readonly lmtpPort?: number } = {},
): Promise<MailboxServer> {
  const folder = await temporaryFolder(t);
  const user = await mailUser();
  await chmod(folder, 0o755);
  await mkdir(join(folder, "mail"));
  await chown(join(folder, "mail"), user.uid, user.gid);
  const users = Object.entries(quotas).map(([address, bytes]) => {
    const home = `${folder}/mail/${address}`;
    const quota = `userdb_quota_rule=*:bytes=${bytes}`;
    return `${address}:{PLAIN}secret:${user.uid}:${user.gid}::${home}::${quota}\n`;
  });
  await writeFile(join(folder, "users"), users.join(""));
  const at = {
    folder,
    imapPort: await freePort(),
    lmtpPort: options.lmtpPort ?? (await freePort()),
    user,
  };
  const path = join(folder, "dovecot.conf");
  await writeFile(path, configurationOf(at));
  await startProgram(t, {
    program: "dovecot",
    options: ["-F", "-c", path],
    what: "Dovecot's LMTP",
    log: () => readFile(join(folder, "log"), "utf8"),
    ready: async () => {
      const client = await SmtpClient.open(at.lmtpPort).catch(() => undefined);
      client?.destroy();
      return client;
    },
  });
  return { imapPort: at.imapPort, lmtpPort: at.lmtpPort, lmtpSocket: join(folder, "run/lmtp") };
}

function configurationOf(at: {
  readonly folder: string;
  readonly imapPort: number;
  readonly lmtpPort: number;
  readonly user: Awaited<ReturnType<typeof mailUser>>;
}): string {
  const { uid, gid, username } = at.user;
  const isRoot = process.getuid?.() === 0;
  return `
base_dir = ${at.folder}/run
state_dir = ${at.folder}/state
log_path = ${at.folder}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = ${uid}
first_valid_gid = ${gid}
default_login_user = ${isRoot ? "dovenull" : username}
default_internal_user = ${isRoot ? "dovecot" : username}
default_internal_group = ${isRoot ? "dovecot" : gid}
mail_location = maildir:~/Maildir
mail_plugins = quota
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_grace = 0
}
passdb {
  driver = passwd-file
  args = ${at.folder}/users
}
userdb {
  driver = passwd-file
  args = ${at.folder}/users
}
service imap-login {
  chroot =
  inet_listener imap {
    address = 127.0.0.1
    port = ${at.imapPort}
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
service lmtp {
  unix_listener lmtp {
    mode = 0666
  }
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${at.lmtpPort}
  }
}
`;
}
