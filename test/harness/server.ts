import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { eventually } from "./eventually.ts";
import { later, type Scope } from "./scope.ts";

const ROOT = join(import.meta.dirname, "../..");
const READY_WITHIN_MS = 60_000;
const DRAIN_WITHIN_MS = 60_000;
const OUTPUT_CHARACTERS_MAX = 200_000;

/** A configuration as the YAML file has it: names of objects, then their properties. */
export type Configuration = Readonly<Record<string, unknown>>;

/** How to start a server. */
export interface ServerOptions {
  readonly configuration: Configuration;
  /** Default: a new folder, removed with the test. */
  readonly dataFolder?: string;
  /** Put before the command line: a program that prepares something and then runs the rest. */
  readonly wrapper?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The source tree to run; default: this one. */
  readonly root?: string;
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A Postrider process of its own, started by `bin/postrider serve` as a user would. */
export class TestServer {
  readonly folder: string;
  readonly dataFolder: string;
  readonly configurationPath: string;
  readonly #wrapper: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  readonly #root: string;
  #child: ChildProcess | undefined;
  #ending: Promise<Ending> | undefined;
  #output = "";

  constructor(folder: string, options: ServerOptions) {
    this.folder = folder;
    this.dataFolder = options.dataFolder ?? join(folder, "data");
    this.configurationPath = join(folder, "postrider.yaml");
    this.#wrapper = options.wrapper ?? [];
    this.#environment = options.environment ?? {};
    this.#root = options.root ?? ROOT;
  }

  /** Standard output and standard error of all starts, the latest part. */
  get output(): string {
    return this.#output;
  }

  /** Process id of the running server. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error("the server is not running");
    return pid;
  }

  /** Replaces the configuration file; in force after `signal("SIGHUP")` or a start. */
  async configure(configuration: Configuration): Promise<void> {
    await this.configureText(stringify(configuration));
  }

  /** As `configure`, for text that need not be right. */
  async configureText(text: string): Promise<void> {
    await writeFile(this.configurationPath, text);
  }

  /** Starts the process and waits for its ready line. */
  async start(): Promise<void> {
    const [program = "", ...options] = [
      ...this.#wrapper,
      join(this.#root, "bin/postrider"),
      ...["serve", "--config", this.configurationPath, "--data-dir", this.dataFolder],
    ];
    const child = spawn(program, options, {
      cwd: this.folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...this.#environment },
    });
    this.#child = child;
    this.#ending = once(child, "exit").then(([code, signal]) => ({ code, signal }));
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout = (stdout + text).slice(-OUTPUT_CHARACTERS_MAX);
      this.#keep(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => this.#keep(text));
    await eventually({ what: "the ready line", withinMs: READY_WITHIN_MS }, () => {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`the server ended before it was ready:\n${this.#output}`);
      }
      return /^postrider ready$/m.test(stdout) || undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.#output}`);
    });
  }

  /** Sends a signal to the process. */
  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /** Ends the process as a power cut would, and waits until it is gone. */
  async kill9(): Promise<void> {
    this.signal("SIGKILL");
    await this.#ended();
  }

  /** SIGTERM, then how the process ended. */
  async terminate(): Promise<Ending> {
    this.signal("SIGTERM");
    return this.#ended();
  }

  /** Resolves once the process has ended by itself; kills it when it takes too long. */
  ending(): Promise<Ending> {
    return this.#ended();
  }

  /** How the process ended, once it has; kills it when it takes too long. */
  async #ended(): Promise<Ending> {
    const child = this.#child;
    const late = setTimeout(() => child?.kill("SIGKILL"), DRAIN_WITHIN_MS);
    const ending = await this.#ending;
    clearTimeout(late);
    this.#child = undefined;
    return ending ?? { code: null, signal: null };
  }

  /** Ends whatever still runs. */
  async dispose(): Promise<void> {
    if (this.#child !== undefined && this.#child.exitCode === null) await this.kill9();
  }

  #keep(text: string): void {
    this.#output = (this.#output + text).slice(-OUTPUT_CHARACTERS_MAX);
  }
}

/** Starts a server that ends with the test; its folder goes too. */
export async function startServer(t: Scope, options: ServerOptions): Promise<TestServer> {
  const server = await prepareServer(t, options);
  await server.start();
  return server;
}

/** As `startServer`, without starting it. */
export async function prepareServer(t: Scope, options: ServerOptions): Promise<TestServer> {
  const folder = await temporaryFolder(t);
  const server = new TestServer(folder, options);
  await server.configure(options.configuration);
  later(t, () => server.dispose());
  return server;
}

/** A folder that goes with the test. */
export async function temporaryFolder(t: Scope): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "postrider-test-"));
  later(t, () => rm(folder, { recursive: true, force: true }));
  return folder;
}
