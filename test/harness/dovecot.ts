import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { answers, type MailUser, mailUser } from "./peers.ts";
import { startProgram } from "./program.ts";
import type { Scope } from "./scope.ts";
import { temporaryFolder } from "./server.ts";
import { SmtpClient } from "./smtp-client.ts";

/** A Dovecot of the test's own. Everybody's password is "secret". */
export interface Dovecot {
  readonly imapPort: number;
  readonly lmtpPort: number;
  /** The same LMTP service on a Unix socket. */
  readonly lmtpSocket: string;
  readonly log: () => Promise<string>;
}

/**
 * Starts a Dovecot that takes everybody for a user, and reads `mailLocation` (with %u for the
 * address), which must be `mailUser`'s; LMTP delivers there. Ends with the test.
 */
export async function startDovecot(
  t: Scope,
  options: { readonly mailLocation?: string } = {},
): Promise<Dovecot> {
  const { mailLocation = "maildir:~/Maildir" } = options;
  return start(t, ({ folder, user: { uid, gid } }) => ({
    users: "",
    settings: `
mail_location = ${mailLocation}
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${folder}/mail/%u allow_all_users=yes
}
`,
  }));
}

/**
 * Starts Dovecot for these users, each with its quota in bytes; whom it does not know it refuses at
 * RCPT, mail over the quota at the end of data. Ends with the test.
 */
export async function startMailboxServer(
  t: Scope,
  quotas: Readonly<Record<string, number>>,
  options: { readonly lmtpPort?: number } = {},
): Promise<Dovecot> {
  const settingsOf = ({ folder, user: { uid, gid } }: Place) => ({
    users: Object.entries(quotas)
      .map(([address, bytes]) => {
        const home = `${folder}/mail/${address}`;
        const quota = `userdb_quota_rule=*:bytes=${bytes}`;
        return `${address}:{PLAIN}secret:${uid}:${gid}::${home}::${quota}\n`;
      })
      .join(""),
    settings: `
mail_location = maildir:~/Maildir
mail_plugins = quota
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_grace = 0
}
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = passwd-file
  args = ${folder}/users
}
`,
  });
  return start(t, settingsOf, options.lmtpPort);
}

interface Place {
  readonly folder: string;
  readonly user: MailUser;
}

async function start(
  t: Scope,
  settingsOf: (place: Place) => { readonly users: string; readonly settings: string },
  wantedLmtpPort?: number,
): Promise<Dovecot> {
  const folder = await temporaryFolder(t);
  const user = await mailUser();
  await chmod(folder, 0o755);
  await mkdir(join(folder, "mail"));
  await chown(join(folder, "mail"), user.uid, user.gid);
  const { users, settings } = settingsOf({ folder, user });
  await writeFile(join(folder, "users"), users);
  const [imapPort, lmtpPort] = [await freePort(), wantedLmtpPort ?? (await freePort())];
  const path = join(folder, "dovecot.conf");
  await writeFile(path, servicesOf({ folder, user, imapPort, lmtpPort }) + settings);
  const log = () => readFile(join(folder, "log"), "utf8");
  await startProgram(t, {
    program: "dovecot",
    options: ["-F", "-c", path],
    what: "Dovecot's listeners",
    log,
    ready: async () => {
      const client = await SmtpClient.open(lmtpPort).catch(() => undefined);
      client?.destroy();
      return client !== undefined && (await answers(imapPort));
    },
  });
  return { imapPort, lmtpPort, lmtpSocket: join(folder, "run/lmtp"), log };
}

function servicesOf(at: Place & { readonly imapPort: number; readonly lmtpPort: number }): string {
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
