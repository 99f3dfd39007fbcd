import type { ChildProcess } from "node:child_process";
import { chmod, cp, mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { startProgram } from "./program.ts";
import { later, type Scope } from "./scope.ts";
import { temporaryFolder } from "./server.ts";

/** The test file of all malware scanners, in parts: whole, it would be found on our own disk. */
export const EICAR = [
  "X5O!P%@AP[4\\PZX54(P^)7CC)7}$",
  "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
].join("");

/** The text that every spam filter takes for spam. */
export const GTUBE = [
  "XJS*C4JDBQADN1.NSBN3*2IDNEN*",
  "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X",
].join("");

/** A scanner's process, and what can happen to it. */
export interface Scanner {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly folder: string;
  /** From here on it takes connections and says nothing. */
  pause(): void;
  resume(): void;
  /** At once, and for good. */
  kill(): Promise<void>;
}

/** Starts a scanner on a free port, with files of its own; it ends with the test. */
async function startScanner(
  t: Scope,
  what: string,
  prepare: (at: { readonly port: number; readonly folder: string }) => Promise<{
    readonly program: string;
    readonly options: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
  }>,
): Promise<Scanner> {
  const folder = await temporaryFolder(t);
  // Some give up root before they read their files.
  await chmod(folder, 0o755);
  const port = await freePort();
  const started = await prepare({ port, folder });
  let child: ChildProcess | undefined;
  const ready = () => canConnect(port);
  const spawned = (one: ChildProcess) => {
    child = one;
  };
  await startProgram(t, { ...started, what, ready, spawned, leadsGroup: true });
  const ended = new Promise<void>((resolve) => child?.once("exit", () => resolve()));
  const signal = (name: NodeJS.Signals): void => {
    // Some have others work for them; they all are to hear it.
    if (child?.pid !== undefined && !isGone) process.kill(-child.pid, name);
  };
  let isGone = false;
  void ended.then(() => {
    isGone = true;
  });
  // One that is stopped would not hear that it is to end.
  later(t, () => signal("SIGCONT"));
  return {
    port,
    folder,
    pause: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    kill: async () => {
      signal("SIGKILL");
      await ended;
    },
  };
}

/** Whether somebody takes connections there. */
export function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** clamd, which knows one signature: EICAR, anywhere in a file. Its socket is `folder/socket`. */
export function startClamd(t: Scope): Promise<Scanner> {
  return startScanner(t, "clamd", async ({ port, folder }) => {
    const databases = join(folder, "databases");
    await mkdir(databases);
    const signature = Buffer.from(EICAR).toString("hex");
    await writeFile(join(databases, "local.ndb"), `Eicar-Local:0:*:${signature}\n`);
    const path = join(folder, "clamd.conf");
    const lines = [
      ...[`TCPSocket ${port}`, "TCPAddr 127.0.0.1", `LocalSocket ${join(folder, "socket")}`],
      ...["Foreground yes", `DatabaseDirectory ${databases}`, `TemporaryDirectory ${folder}`],
    ];
    await writeFile(path, `${lines.join("\n")}\n`);
    return { program: "clamd", options: ["-c", path] };
  });
}

/** rspamd with Debian's rules, and no network: over HTTP, or as a milter. */
export function startRspamd(t: Scope, as: "http" | "milter" = "http"): Promise<Scanner> {
  return startScanner(t, "rspamd", async ({ port, folder }) => {
    const path = join(folder, "rspamd.conf");
    const bound = `bind_socket = "127.0.0.1:${port}"; count = 1;`;
    const self = 'upstream "local" { default = yes; self_scan = yes; }';
    const worker =
      as === "http"
        ? `worker "normal" { ${bound} }`
        : `worker "rspamd_proxy" { ${bound} milter = yes; timeout = 10s; ${self} }`;
    await writeFile(
      path,
      `options {
  pidfile = "${folder}/pid";
  tempdir = "${folder}";
  control_socket = "${folder}/control mode=0600";
  dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }
  filters = "";
  url_tld = "/usr/share/rspamd/effective_tld_names.dat";
  rrd = "";
}
logging { type = "console"; level = "warning"; }
actions { reject = 15; add_header = 6; greylist = 4; }
${worker}
lua = "/usr/share/rspamd/rules/rspamd.lua"
`,
    );
    return { program: "rspamd", options: ["-i", "-f", "-c", path] };
  });
}

/** spamd with Debian's rules, and no network. */
export function startSpamd(t: Scope): Promise<Scanner> {
  return startScanner(t, "spamd", async ({ port, folder }) => {
    const rules = join(folder, "rules");
    await cp("/etc/spamassassin", rules, { recursive: true });
    const limits = ["--local", "--nouser-config", "--max-children=1", "--min-children=1"];
    const at = ["--listen=127.0.0.1", `--port=${port}`, `--siteconfigpath=${rules}`];
    return { program: "spamd", options: [...limits, ...at, "--syslog=stderr"] };
  });
}

/** c-icap, whose service `virus_scan` asks this clamd, and whose service `echo` gives all back. */
export function startIcap(t: Scope, clamd: Scanner): Promise<Scanner> {
  return startScanner(t, "c-icap", async ({ port, folder }) => {
    const path = join(folder, "c-icap.conf");
    await writeFile(
      path,
      `PidFile ${folder}/pid
CommandsSocket ${folder}/control
StartServers 1
MaxServers 1
MinSpareThreads 2
MaxSpareThreads 4
ThreadsPerChild 4
Port 127.0.0.1:${port}
TmpDir ${folder}
ModulesDir /usr/lib/x86_64-linux-gnu/c_icap
ServicesDir /usr/lib/x86_64-linux-gnu/c_icap
TemplateDir /usr/share/c_icap/templates/
LoadMagicFile /etc/c-icap/c-icap.magic
ServerLog ${folder}/server.log
AccessLog ${folder}/access.log
Module common clamd_mod.so
clamd_mod.ClamdSocket ${clamd.folder}/socket
Service antivirus_module virus_scan.so
virus_scan.ScanFileTypes TEXT DATA EXECUTABLE ARCHIVE GIF JPEG MSOFFICE
virus_scan.MaxObjectSize 5M
virus_scan.DefaultEngine clamd
Service echo srv_echo.so
`,
    );
    return { program: "c-icap", options: ["-N", "-f", path] };
  });
}

/** OpenDKIM as a milter that signs mail of a domain from 127.0.0.1, with selector `milter`. */
export function startOpenDkim(
  t: Scope,
  signs: { readonly domain: string; readonly keyPem: string },
): Promise<Scanner> {
  return startScanner(t, "OpenDKIM", async ({ port, folder }) => {
    const key = join(folder, "key.pem");
    await writeFile(key, signs.keyPem, { mode: 0o600 });
    const path = join(folder, "opendkim.conf");
    const lines = [
      ...["Mode s", "Syslog no", `Socket inet:${port}@127.0.0.1`, `TemporaryDirectory ${folder}`],
      ...[`Domain ${signs.domain}`, "Selector milter", `KeyFile ${key}`],
      ...["Canonicalization relaxed/relaxed", "Background no", "InternalHosts 127.0.0.1"],
      // The folder of all temporary files is everybody's.
      "RequireSafeKeys no",
    ];
    await writeFile(path, `${lines.join("\n")}\n`);
    return { program: "/usr/sbin/opendkim", options: ["-f", "-x", path] };
  });
}

const MILTER = `
import Milter, sys, time

VERDICTS = {"accept": Milter.ACCEPT, "reject": Milter.REJECT, "tempfail": Milter.TEMPFAIL,
            "discard": Milter.DISCARD}

class Everything(Milter.Base):
    def decide(self, stage):
        for at, word in self.orders:
            if at != stage:
                continue
            if word == "hang":
                time.sleep(3600)
            if word == "slow":
                time.sleep(1)
            if word == "reply":
                self.setreply("550", "5.7.9", "no such luck", "at " + stage)
                return Milter.REJECT
            if word == "later":
                self.setreply("451", "4.7.9", "come back 100%%")
                return Milter.TEMPFAIL
            if word in VERDICTS:
                return VERDICTS[word]
        return Milter.CONTINUE

    def connect(self, name, family, address):
        self.orders = []
        self.log = ["connect=%s,%s" % (name, address[0])]
        return Milter.CONTINUE

    def hello(self, name):
        self.log.append("helo=" + name)
        if name.startswith("helo-"):
            self.orders = [("helo", name.split("-")[1].split(".")[0])]
        return self.decide("helo")

    # MAIL FROM:<stage-word.stage-word@…> says what to do.
    def envfrom(self, sender, *parameters):
        local = sender.strip("<>").split("@")[0]
        self.orders = [tuple(order.split("-", 1)) for order in local.split(".") if "-" in order]
        self.changes = []
        self.body_bytes = 0
        names = ["i", "{mail_addr}", "{auth_authen}", "{client_addr}", "{tls_version}", "j", "v"]
        self.log.append("mail=%s" % sender)
        self.log += ["%s=%s" % (name, self.getsymval(name)) for name in names]
        return self.decide("mail")

    def envrcpt(self, recipient, *parameters):
        self.log.append("rcpt=%s" % recipient)
        return self.decide("rcpt") if "victim" in recipient else Milter.CONTINUE

    def data(self):
        return self.decide("data")

    def header(self, name, value):
        if name == "X-Change":
            self.changes.append(value)
        return self.decide("header")

    def eoh(self):
        return self.decide("eoh")

    def body(self, piece):
        self.body_bytes += len(piece)
        return self.decide("body")

    def eom(self):
        for word in self.changes:
            if word == "add": self.addheader("X-Added", "at the end")
            elif word == "insert": self.addheader("X-Inserted", "folded\\n over lines", 0)
            elif word == "change": self.chgheader("Subject", 1, "changed")
            elif word == "delete": self.chgheader("X-Delete", 2, "")
            elif word == "from": self.chgfrom("changed@client.test")
            elif word == "rcpt": self.addrcpt("<bob@contoso.test>")
            elif word == "rcptpar": self.addrcpt("<bob@contoso.test>", "NOTIFY=NEVER")
            elif word == "unrcpt": self.delrcpt("<alice@contoso.test>")
            elif word == "body": self.replacebody("a new body\\r\\n")
            elif word == "quarantine": self.quarantine("looks odd")
            elif word == "progress": self.progress()
            elif word == "log": self.addheader("X-Log", " ".join(self.log))
        self.addheader("X-Body-Bytes", str(self.body_bytes))
        return self.decide("eom")

Milter.factory = Everything
Milter.set_flags(Milter.ADDHDRS | Milter.CHGBODY | Milter.ADDRCPT | Milter.DELRCPT |
                 Milter.CHGHDRS | Milter.QUARANTINE | Milter.CHGFROM | Milter.ADDRCPT_PAR)
Milter.runmilter("everything", "inet:%s@127.0.0.1" % sys.argv[1], 600)
`;

/**
 * A milter in Python that does as it is told: verdicts by the sender's local part
 * (`mail-reject`, `header-later.eom-hang`), changes by fields `X-Change`.
 */
export function startPythonMilter(t: Scope): Promise<Scanner> {
  return startScanner(t, "the milter in Python", async ({ port, folder }) => {
    const path = join(folder, "everything.py");
    await writeFile(path, MILTER);
    return { program: "/usr/bin/python3", options: [path, String(port)] };
  });
}
