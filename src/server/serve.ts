import { resolve } from "node:path";
import { systemClock } from "../base/clock.ts";
import { createDiagnostics } from "../base/pino-diagnostics.ts";
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

/** `postrider serve`: runs until a signal ends it. Returns the exit code. */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<number> {
  const diagnostics = createDiagnostics({ destination: 2, thread: "main", level: "info" });
  const fatal = Promise.withResolvers<number>();
  let server: PostriderServer;
  try {
    const starting = PostriderServer.start({
      configFile: options.configFile,
      dataDirectory: resolve(options.dataDirectory),
      clock: systemClock,
      diagnostics,
      failed: (reason) => {
        diagnostics.error("server-failed", { reason });
        fatal.resolve(1);
      },
    });
    server = await Promise.race([
      starting,
      fatal.promise.then(() => {
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
  process.on("SIGHUP", () => void server.reload());
  const stop = Promise.withResolvers<number>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      diagnostics.info("stopping", { signal });
      server.stop(DRAIN_MS).then(() => stop.resolve(0), stop.reject);
    });
  }
  terminal.say("postrider ready");
  const code = await Promise.race([stop.promise, fatal.promise]);
  await diagnostics.flush();
  // Timers and sockets that are left belong to nobody any more.
  process.exit(code);
}
