import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import type { TransportService } from "../../org/organization.ts";
import { sampleTransportService } from "../../org/sample-objects.fake.ts";
import type { Fault } from "../queue/outcome.ts";
import { fakeSubmissionQueue } from "../queue/submission.fake.ts";
import type { Submission } from "../queue/submission.ts";
import type { DirectoryPoller } from "./directory-poller.ts";
import type { FileIntakeDependencies } from "./file-intake.ts";
import { sampleOrganization } from "./sample-organization.fake.ts";

const NOW_MS = 1_700_000_000_000;
/** Long enough ago for a file to be finished. */
const OLD_SECONDS = NOW_MS / 1000 - 60;

/** A real directory with a poller on it, the rest in memory. The directory goes with the test. */
export async function openFileStage(
  t: TestContext,
  create: (dependencies: FileIntakeDependencies) => DirectoryPoller,
  settings: Partial<TransportService> = {},
) {
  const path = await mkdtemp(join(tmpdir(), "postrider-files-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  const queue = fakeSubmissionQueue();
  const clock = fakeClock(NOW_MS);
  const rejected: { readonly submission: Submission; readonly fault: Fault }[] = [];
  const recorded: string[] = [];
  const said: string[] = [];
  const failures = new Map<"reject" | "record", Error>();
  const say: Diagnostics["warn"] = (event, fields) =>
    void said.push(`${event} ${fields?.["name"]}`);
  const organization = sampleOrganization({
    transportService: sampleTransportService({
      pickupDirectoryPath: path,
      replayDirectoryPath: path,
      ...settings,
    }),
  });
  const answer = async (call: "reject" | "record") => {
    const failure = failures.get(call);
    if (failure !== undefined) throw failure;
  };
  const poller = create({
    dataDirectory: "/nowhere",
    organization: () => organization,
    queue,
    async reject(submission, fault) {
      await answer("reject");
      rejected.push({ submission, fault });
    },
    async record(events) {
      await answer("record");
      recorded.push(events);
    },
    clock,
    diagnostics: { info: say, warn: say, error: say },
    count() {},
  });
  return {
    path,
    queue,
    clock,
    poller,
    rejected,
    recorded,
    said,
    failures,
    list: async () => (await readdir(path)).sort(),
    /** Writes a file that has been finished for a while. */
    async put(name: string, content: string | Uint8Array) {
      await writeFile(join(path, name), content);
      await utimes(join(path, name), OLD_SECONDS, OLD_SECONDS);
    },
  };
}
