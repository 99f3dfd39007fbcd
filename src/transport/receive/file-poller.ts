import type { FileHandle } from "node:fs/promises";
import type { Organization, TransportService } from "../../org/organization.ts";
import { DirectoryPoller } from "./directory-poller.ts";
import {
  directoryPath,
  type FileIntakeDependencies,
  isFileFault,
  type OpenedFile,
  queueFile,
  recordBadmail,
  type UnusableFile,
} from "./file-intake.ts";

/** What tells Pickup and Replay apart. */
export interface FilePollerKind {
  readonly source: OpenedFile["source"];
  readonly path: (service: TransportService) => string | undefined;
  /** Reads the envelope. */
  readonly open: (
    file: FileHandle,
    organization: Organization,
  ) => Promise<OpenedFile | UnusableFile>;
}

/** Polls one directory and sees its files into the queue, or to their end as badmail. */
export function createFilePoller(
  dependencies: FileIntakeDependencies,
  { source, path, open }: FilePollerKind,
): DirectoryPoller {
  const { clock, diagnostics, organization, queue } = dependencies;
  return new DirectoryPoller({
    clock,
    diagnostics,
    directory: () => directoryPath(dependencies, path(organization().transportService)),
    // One setting serves both directories, each by itself.
    filesPerMinuteMax: () => organization().transportService.pickupDirectoryMaxMessagesPerMinute,
    admits: () => queue.admits("PICKUP"),
    async take(file) {
      try {
        const opened = await open(file.handle, organization());
        if (opened.kind === "message") return await queueFile(dependencies, file, opened);
        const { reason } = opened;
        return await recordBadmail(dependencies, source, { name: file.name, reason });
      } catch (error) {
        if (isFileFault(error)) return { kind: "later", reason: error.message };
        throw error;
      }
    },
  });
}
