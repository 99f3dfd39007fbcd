import { spawn } from "node:child_process";
import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { startProgram } from "./program.ts";
import { later, type Scope } from "./scope.ts";
import { temporaryFolder } from "./server.ts";

const RUN_WITHIN_MS = 60_000;

/** What a program said and how it ended. */
export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with text for its standard input. */
export async function run(
  program: string,
  options: readonly string[],
  input = "",
): Promise<RunResult> {
  const child = spawn(program, options, { stdio: ["pipe", "pipe", "pipe"] });
  const late = setTimeout(() => child.kill("SIGKILL"), RUN_WITHIN_MS);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.on("error", () => child.stdin.destroy()); // it may end without reading all of it
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearTimeout(late);
  return { code, stdout, stderr };
}

/** Sends a message with swaks. */
export function swaks(port: number, ...options: readonly string[]): Promise<RunResult> {
  return run("swaks", ["--server", "127.0.0.1", "--port", String(port), ...options]);
}

/** Sends a message with curl. */
export function curlMail(
  port: number,
  mail: { readonly from: string; readonly to: string; readonly content: string },
): Promise<RunResult> {
  const envelope = ["--mail-from", mail.from, "--mail-rcpt", mail.to];
  const options = ["--silent", "--show-error", `smtp://127.0.0.1:${port}`, ...envelope];
  return run("curl", [...options, "--upload-file", "-"], mail.content);
}

/** Runs a Python program, with its arguments in `sys.argv`. */
export function python(program: string, ...options: readonly string[]): Promise<RunResult> {
  return run("python3", ["-", ...options], program);
}

/** A Dovecot of the test's own. */
export interface Dovecot {
  readonly imapPort: number;
  readonly lmtpPort: number;
  /** Where LMTP delivers, by local part; and the log. */
  readonly folder: string;
}

/**
 * Dovecot with one password for everybody ("secret"). IMAP reads `mailLocation` (with %u for the
 * address), LMTP delivers there. Runs as the user of the test; ends with it.
 */
export async function startDovecot(
  t: Scope,
  options: { readonly mailLocation?: string } = {},
): Promise<Dovecot> {
  const folder = await temporaryFolder(t);
  const imapPort = await freePort();
  const lmtpPort = await freePort();
  const mailLocation = options.mailLocation ?? `maildir:${folder}/mail/%u/Maildir`;
  const user = await mailUser();
  await chmod(folder, 0o755);
  await mkdir(join(folder, "mail"));
  await chown(join(folder, "mail"), user.uid, user.gid);
  const path = join(folder, "dovecot.conf");
  await writeFile(path, dovecotConfiguration({ folder, imapPort, lmtpPort, mailLocation, user }));
  await startProgram(t, {
    program: "dovecot",
    options: ["-F", "-c", path],
    what: "Dovecot's listeners",
    log: () => readFile(join(folder, "log"), "utf8"),
    ready: async () => (await answers(imapPort)) && answers(lmtpPort),
  });
  return { imapPort, lmtpPort, folder };
}

/** Who reads and writes the mail. */
interface MailUser {
  readonly uid: number;
  readonly gid: number;
  readonly username: string;
}

/** Dovecot reads no mail as root: then it is Debian's user "mail", who must own the mailboxes. */
export async function mailUser(): Promise<MailUser> {
  const self = userInfo();
  if (self.uid !== 0) return self;
  const [uid = 0, gid = 0] = await Promise.all(
    ["-u", "-g"].map(async (option) => Number((await run("id", [option, "mail"])).stdout)),
  );
  return { uid, gid, username: "mail" };
}

function dovecotConfiguration(at: {
  readonly folder: string;
  readonly imapPort: number;
  readonly lmtpPort: number;
  readonly mailLocation: string;
  readonly user: MailUser;
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
mail_location = ${at.mailLocation}
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${at.folder}/mail/%u allow_all_users=yes
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
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${at.lmtpPort}
  }
}
`;
}

/** A Postfix of the test's own. */
export interface Postfix {
  readonly port: number;
  readonly log: () => Promise<string>;
}

/** Postfix in folders of its own (needs root): takes mail on `port`, relays all to `relayPort`. */
export async function startPostfix(t: Scope, relayPort: number): Promise<Postfix> {
  const folder = await temporaryFolder(t);
  await chmod(folder, 0o755);
  const port = await freePort();
  for (const name of ["etc", "spool", "data"]) await mkdir(join(folder, name));
  await run("chown", ["postfix", join(folder, "data")]);
  const configuration = join(folder, "etc");
  await writeFile(join(configuration, "main.cf"), postfixConfiguration(folder, relayPort));
  const services = await readFile("/usr/share/postfix/master.cf.dist", "utf8");
  await writeFile(join(configuration, "master.cf"), postfixServices(services, port));
  const started = await run("postfix", ["-c", configuration, "start"]);
  later(t, async () => {
    await run("postfix", ["-c", configuration, "stop"]);
  });
  const log = () => readFile(join(folder, "log"), "utf8").catch(() => started.stderr);
  await eventually({ what: "Postfix's listener" }, async () => (await answers(port)) || undefined);
  return { port, log };
}

function postfixConfiguration(folder: string, relayPort: number): string {
  return `compatibility_level = 3.6
queue_directory = ${folder}/spool
data_directory = ${folder}/data
maillog_file_prefixes = /var, /dev/stdout, ${folder}
maillog_file = ${folder}/log
myhostname = postfix.test
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:${relayPort}
disable_dns_lookups = yes
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtpd_tls_security_level = none
smtp_tls_security_level = may
`;
}

/** Debian's services without chroot, with our port in place of smtp. */
function postfixServices(text: string, port: number): string {
  const lines = text.split("\n").map((line) => {
    if (/^smtp\s+inet\b/.test(line)) return `127.0.0.1:${port} inet n - n - - smtpd`;
    return line.replace(/^([a-z]\S*\s+\S+\s+\S+\s+\S+\s+)y(\s)/, "$1n$2");
  });
  if (!lines.some((line) => line.startsWith("postlog "))) {
    lines.push("postlog unix-dgram n - n - 1 postlogd");
  }
  return `${lines.join("\n")}\n`;
}

/** Whether somebody takes connections there. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
