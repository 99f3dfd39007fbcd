import { parseArgs } from "node:util";
import { finalExitCode } from "./process-screen.ts";
import type { Terminal } from "./terminal.ts";

/** What `package.json` pins: type stripping and `node:sqlite` as we use them came with it. */
const NODE_MAJOR = 24;

const COMMANDS = `Start and set up:

  postrider serve [--config FILE] [--data-dir DIR]
      Starts the server and prints "postrider ready" once every listener is open.
      --config FILE    YAML; applied at the start and again on SIGHUP. Without it the
                       organization is the one that the data directory holds.
      --data-dir DIR   Default: $POSTRIDER_DATA_DIR, else ./var

  postrider check FILE
      Reads a configuration file and says what is wrong with it. Nothing is changed.

  postrider apply -f FILE [--dry-run] [--force]
      Shows and makes the difference between a file and what the running server has: what the
      file declares is put in, everything else stays. --dry-run only shows it, and ends with
      exit code 2 when anything would change. -f - reads standard input.

  postrider export [-f FILE]
      Writes the configuration of the running server, recipients too, as such a file.

  postrider shell [-Command TEXT | FILE]
      A prompt for cmdlets, with completion by TAB, pipes and variables; type help there.
      A script is run from the text, the file, or standard input when that is no terminal.

  postrider import-certificate FILE [--key FILE] [--name NAME] [--passphrase-file FILE]
                               [--data-dir DIR]
      Checks a certificate with its private key (PEM or PFX) and puts it into the data
      directory. A running server takes it up within seconds.

  postrider replay FILE|IDENTITY [--config FILE] [--data-dir DIR]
      Says what the client of a recorded session said to the server as it is configured now, or
      as FILE would configure it, and shows which answers differ. Nothing is sent or delivered.
      Exit code 3 when any does. Get-SessionRecording lists the sessions.

  postrider --version

Signals: SIGTERM and SIGINT drain and stop, SIGHUP reads the configuration file again.
`;

const major = Number(process.versions.node.split(".")[0]);
if (major < NODE_MAJOR) {
  console.error(
    `postrider: needs Node ${NODE_MAJOR} and was started with ${process.versions.node}; ` +
      "start it as bin/postrider, which brings its own",
  );
  process.exit(1);
}

const terminal: Terminal = {
  say: (line) => console.log(line),
  complain: (line) => console.error(line),
};

/** Says what was wrong with the command line, and how to learn more. */
function misuse(problem: string): number {
  console.error(`postrider: ${problem}; "postrider help" shows what there is`);
  return 2;
}

function dataDirectoryOf(option: string | undefined): string {
  return option ?? process.env["POSTRIDER_DATA_DIR"] ?? "var";
}

async function importCertificate(words: readonly string[]): Promise<number> {
  const text = { type: "string" } as const;
  const options = { key: text, name: text, "passphrase-file": text, "data-dir": text };
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) return misuse("import-certificate takes one file");
  const { importCertificateFile } = await import("./certificate-command.ts");
  const { systemClock } = await import("../base/clock.ts");
  return importCertificateFile(
    {
      file,
      name: values.name,
      keyFile: values.key,
      passphraseFile: values["passphrase-file"],
      dataDirectory: dataDirectoryOf(values["data-dir"]),
    },
    systemClock,
    terminal,
  );
}

async function run(words: readonly string[]): Promise<number> {
  const [command, ...rest] = words;
  // Loaded when needed: help and errors must come at once.
  switch (command) {
    case "serve": {
      const options = { config: { type: "string" }, "data-dir": { type: "string" } } as const;
      const { values } = parseArgs({ args: [...rest], options, allowPositionals: false });
      const { serve } = await import("./serve.ts");
      const dataDirectory = dataDirectoryOf(values["data-dir"]);
      return serve({ configFile: values.config, dataDirectory }, terminal);
    }
    case "check": {
      const [file, ...more] = rest;
      if (file === undefined || more.length > 0) return misuse("check takes one file");
      const { checkFile } = await import("./configuration-file.ts");
      return checkFile(file, terminal);
    }
    case "apply": {
      const { runApply } = await import("./configuration-command.ts");
      return runApply(rest);
    }
    case "export": {
      const { runExport } = await import("./configuration-command.ts");
      return runExport(rest);
    }
    case "shell": {
      const { runShell } = await import("./shell-command.ts");
      return runShell(rest);
    }
    case "import-certificate":
      return importCertificate(rest);
    case "replay": {
      const { runReplay } = await import("./replay-command.ts");
      return runReplay(rest, { dataDirectory: dataDirectoryOf }, terminal);
    }
    case "--version":
    case "version": {
      const { readProductVersion } = await import("./product-version.ts");
      terminal.say(`Postrider ${await readProductVersion()}`);
      return 0;
    }
    case "help":
    case "--help":
    case "-h": {
      const { runHelp } = await import("./cmdlet-command.ts");
      return runHelp(rest, COMMANDS);
    }
    case undefined:
      return misuse("what is to be done?");
    default: {
      const { runCmdletLine } = await import("./cmdlet-command.ts");
      return runCmdletLine(words);
    }
  }
}

try {
  process.exitCode = finalExitCode(await run(process.argv.slice(2)));
} catch (error) {
  if (
    !(
      error instanceof TypeError &&
      "code" in error &&
      String(error.code).startsWith("ERR_PARSE_ARGS")
    )
  ) {
    throw error;
  }
  process.exitCode = misuse(error.message.split(". ")[0] ?? error.message);
}
