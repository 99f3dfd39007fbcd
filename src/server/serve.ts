import { resolve } from "node:path";
import { systemClock } from "../base/clock.ts";
import { createDiagnostics, type FlushableDiagnostics } from "../base/pino-diagnostics.ts";
import { SECOND } from "../base/units.ts";
import { StoreFailure } from "../store/queue-store.ts";
import { PostriderServer } from "./postrider-server.ts";
import { StartFailure } from "./start-failure.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Drain time of SIGTERM: sessions and deliveries that last longer are broken off, and lose nothing.
 */
const DRAIN_MS = 20 * SECOND;

/** What the command line gave. */
export interface ServeOptions {
  readonly configFile: string | undefined;
  readonly dataDirectory: string;
}

/** Why a server that runs is to stop. */
type Ending = { readonly kind: "exit"; readonly code: number } | { readonly kind: "restart" };

/** `postrider serve`: runs until a signal ends it. Returns the exit code. */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<number> {
  const diagnostics = createDiagnostics({ destination: 2, thread: "main", level: "info" });
  let server: PostriderServer | undefined;
  let end = Promise.withResolvers<Ending>();
  let isEnding = false;
  process.on("SIGHUP", () => void server?.reload());
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      isEnding = true;
      // Nothing has been taken in yet.
      if (server === undefined) process.exit(0);
      diagnostics.info("stopping", { signal });
      const stopped = server.stop(DRAIN_MS);
      stopped.then(() => end.resolve({ kind: "exit", code: 0 }), end.reject);
    });
  }
  for (;;) {
    server = await start(options, { terminal, diagnostics, end });
    terminal.say("postrider ready");
    if (server.setupLink !== undefined) {
      terminal.say(`No administrator yet. Good for a day, and once:\n${server.setupLink}`);
    }
    const ending = await end.promise;
    if (ending.kind === "exit") {
      await diagnostics.flush();
      // Timers and sockets that are left belong to nobody any more.
      process.exit(ending.code);
    }
    diagnostics.info("restarting");
    end = Promise.withResolvers();
    await server.stop(DRAIN_MS);
    if (isEnding) process.exit(0);
  }
}

/** Starts the server; ends the process when that fails. */
async function start(
  options: ServeOptions,
  parts: {
    readonly terminal: Terminal;
    readonly diagnostics: FlushableDiagnostics;
    readonly end: PromiseWithResolvers<Ending>;
  },
): Promise<PostriderServer> {
  const { terminal, diagnostics, end } = parts;
  try {
    const starting = PostriderServer.start({
      configFile: options.configFile,
      dataDirectory: resolve(options.dataDirectory),
      clock: systemClock,
      diagnostics,
      restart: () => end.resolve({ kind: "restart" }),
      failed: (reason) => {
        diagnostics.error("server-failed", { reason });
        end.resolve({ kind: "exit", code: 1 });
      },
    });
    return await Promise.race([
      starting,
      end.promise.then(() => {
        throw new StartFailure("the server could not start; its log says why");
      }),
    ]);
  } catch (error) {
    if (!(error instanceof StartFailure || error instanceof StoreFailure)) throw error;
    for (const line of error.message.split("\n")) terminal.complain(`postrider: ${line}`);
    await diagnostics.flush();
    // What had started before it failed would keep the process alive.
    process.exit(1);
  }
}
