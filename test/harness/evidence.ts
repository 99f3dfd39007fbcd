import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import type { TestServer } from "./server.ts";
import { parseLog, readTracking, type TrackingRow } from "./tracking.ts";

/** The rows of one message, by its Message-ID header, once `isComplete` says that all are there. */
export function waitForStory(
  server: TestServer,
  messageId: string,
  isComplete: (rows: readonly TrackingRow[]) => boolean,
): Promise<readonly TrackingRow[]> {
  let seen: readonly TrackingRow[] = [];
  return eventually({ what: `the whole story of ${messageId}` }, () => {
    seen = readTracking(server.dataFolder).filter((row) => row["message-id"] === messageId);
    return isComplete(seen) ? seen : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}; there were: ${seen.map(formatRow).join(" | ")}`);
  });
}

/** As `waitForStory`, until so many rows bear this event. */
export function waitForRows(
  server: TestServer,
  messageId: string,
  want: { readonly event: string; readonly count?: number },
): Promise<readonly TrackingRow[]> {
  return waitForStory(
    server,
    messageId,
    (rows) => rows.filter((row) => row["event-id"] === want.event).length >= (want.count ?? 1),
  );
}

/** A row in brief: `EVENT(SOURCE) recipients status`. */
export function formatRow(row: TrackingRow): string {
  const { source, "recipient-address": to, "recipient-status": status } = row;
  return `${row["event-id"]}(${source}) ${to} ${status}`.trimEnd();
}

/** Every row of the connectivity log. */
export function readConnectivity(dataFolder: string): readonly TrackingRow[] {
  return globSync("logs/*/CONNECTLOG*.LOG", { cwd: dataFolder })
    .sort()
    .flatMap((path) => parseLog(readFileSync(join(dataFolder, path), "utf8")));
}

/** What the connectivity log says about a domain. */
export function saidOf(server: TestServer, domain: string): string {
  return readConnectivity(server.dataFolder)
    .filter((row) => row["Destination"] === domain)
    .map((row) => row["description"])
    .join("\n");
}
