import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { mailUser, run } from "./peers.ts";
import { later, type Scope } from "./scope.ts";
import { temporaryFolder } from "./server.ts";
import { SmtpClient } from "./smtp-client.ts";

/** Settings of the peer. */
export interface PostfixPeerOptions {
  /** Where everything goes that is not for fabrikam.test. */
  readonly relayPort: number;
  /** Further lines of main.cf; they win. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Further lines of master.cf. */
  readonly services?: readonly string[];
  /** Put before the command that starts it. */
  readonly wrapper?: readonly string[];
}

/** A Postfix that is a mail server of its own: fabrikam.test is at home there, TLS is offered. */
export interface PostfixPeer {
  readonly port: number;
  /** As `dataFolder` for `readMaildir`: all mail for fabrikam.test is all@fabrikam.test's. */
  readonly mailFolder: string;
  /** Process id of its master; all its others are below it. */
  readonly masterPid: number;
  /** Its log, with every line of the conversations. */
  readonly log: () => Promise<string>;
}

/**
 * Starts Postfix in folders of its own (needs root); ends with the test. unknown@fabrikam.test is
 * refused.
 */
export async function startPostfixPeer(
  t: Scope,
  options: PostfixPeerOptions,
): Promise<PostfixPeer> {
  const folder = await temporaryFolder(t);
  await chmod(folder, 0o755);
  const user = await mailUser();
  const home = join(folder, "mailboxes/all@fabrikam.test");
  for (const name of ["etc", "spool", "data", "mailboxes", "mailboxes/all@fabrikam.test"]) {
    await mkdir(join(folder, name));
  }
  await chown(home, user.uid, user.gid);
  await run("chown", ["postfix", join(folder, "data")]);
  await makeCertificate(folder);
  const etc = join(folder, "etc");
  const settings = { ...settingsOf(folder, options.relayPort, user), ...options.settings };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  await writeFile(join(etc, "main.cf"), lines.join(""));
  const port = await freePort();
  const services = await readFile("/usr/share/postfix/master.cf.dist", "utf8");
  const more = (options.services ?? []).map((line) => `${line}\n`).join("");
  await writeFile(join(etc, "master.cf"), servicesOf(services, port) + more);
  const [program = "", ...words] = [...(options.wrapper ?? []), "postfix", "-c", etc, "start"];
  const started = await run(program, words);
  later(t, async () => {
    await run("postfix", ["-c", etc, "stop"]);
  });
  const log = () => readFile(join(folder, "log"), "utf8").catch(() => started.stderr);
  await eventually({ what: "Postfix" }, async () => {
    const client = await SmtpClient.open(port).catch(() => undefined);
    client?.destroy();
    return client;
  }).catch(async (error: unknown) => {
    throw new Error(`${String(error)}\n${started.stderr}${await log()}`);
  });
  const masterPid = Number(await readFile(join(folder, "spool/pid/master.pid"), "utf8"));
  return { port, masterPid, mailFolder: folder, log };
}

async function makeCertificate(folder: string): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "certificate.pem")];
  const made = await run("openssl", [
    ...["req", "-x509", "-subj", "/CN=postfix.test", "-days", "2"],
    ...key,
    ...files,
  ]);
  if (made.code !== 0) throw new Error(made.stderr);
}

function settingsOf(
  folder: string,
  relayPort: number,
  user: { readonly uid: number; readonly gid: number },
): Readonly<Record<string, string>> {
  return {
    compatibility_level: "3.6",
    queue_directory: `${folder}/spool`,
    data_directory: `${folder}/data`,
    maillog_file_prefixes: `/var, /dev/stdout, ${folder}`,
    maillog_file: `${folder}/log`,
    myhostname: "postfix.test",
    mydestination: "",
    inet_interfaces: "loopback-only",
    inet_protocols: "ipv4",
    mynetworks: "127.0.0.0/8",
    relayhost: `[127.0.0.1]:${relayPort}`,
    disable_dns_lookups: "yes",
    smtpd_peername_lookup: "no",
    smtpd_recipient_restrictions:
      "check_recipient_access inline:{unknown@fabrikam.test=REJECT}, permit_mynetworks, reject",
    virtual_mailbox_domains: "fabrikam.test",
    virtual_mailbox_base: `${folder}/mailboxes`,
    virtual_mailbox_maps: "static:all@fabrikam.test/Maildir/",
    virtual_minimum_uid: "1",
    virtual_uid_maps: `static:${user.uid}`,
    virtual_gid_maps: `static:${user.gid}`,
    smtpd_tls_security_level: "may",
    smtpd_tls_cert_file: `${folder}/certificate.pem`,
    smtpd_tls_key_file: `${folder}/key.pem`,
    smtpd_tls_received_header: "yes",
    smtp_tls_security_level: "may",
    smtp_tls_loglevel: "1",
    debug_peer_list: "127.0.0.0/8",
  };
}

/** Debian's services without chroot, with our port in place of smtp. */
function servicesOf(text: string, port: number): string {
  const lines = text.split("\n").map((line) => {
    if (/^smtp\s+inet\b/.test(line)) return `127.0.0.1:${port} inet n - n - - smtpd`;
    return line.replace(/^([a-z]\S*\s+\S+\s+\S+\s+\S+\s+)y(\s)/, "$1n$2");
  });
  if (!lines.some((line) => line.startsWith("postlog "))) {
    lines.push("postlog unix-dgram n - n - 1 postlogd");
  }
  return `${lines.join("\n")}\n`;
}
