import type { Clock } from "../base/clock.ts";
import type { Resubmissions, ResubmitStatus } from "../cmdlets/compliance/services.ts";
import { RECORD_PAGE_MAX, type RecordStore } from "../store/record-store.ts";
import {
  PROGRESS_KIND,
  REQUEST_KIND,
  type ResubmitProgress,
  type ResubmitRequest,
  recordOf,
} from "../transport/queue/resubmit-request.ts";

/** Requests as records, which the thread that keeps the Safety Net reads. */
export function createResubmissions({
  records,
  clock,
}: {
  readonly records: RecordStore;
  readonly clock: Clock;
}): Resubmissions {
  let lastId = 0;
  const readAll = async (kind: typeof REQUEST_KIND | typeof PROGRESS_KIND) => {
    const page = await records.list(kind, { after: "", limit: RECORD_PAGE_MAX });
    return page.map(({ json }) => JSON.parse(json) as unknown);
  };
  const list = async (): Promise<readonly ResubmitStatus[]> => {
    const requests = (await readAll(REQUEST_KIND)) as readonly ResubmitRequest[];
    const progress = (await readAll(PROGRESS_KIND)) as readonly ResubmitProgress[];
    const byId = new Map(progress.map((one) => [one.id, one]));
    return requests
      .map((request) => ({ request, progress: byId.get(request.id) }))
      .toSorted((left, right) => right.request.id - left.request.id);
  };
  const find = async (id: number) => (await list()).find(({ request }) => request.id === id);
  return {
    list,
    async add(what) {
      const createdMs = clock.nowMs();
      lastId = Math.max(createdMs, lastId + 1);
      const request: ResubmitRequest = { ...what, id: lastId, createdMs };
      await records.write([recordOf(REQUEST_KIND, request)]);
      return { request, progress: undefined };
    },
    async switch(id, to) {
      const found = await find(id);
      if (found === undefined) return undefined;
      const request = { ...found.request, enabled: to === "on" };
      await records.write([recordOf(REQUEST_KIND, request)]);
      return { ...found, request };
    },
    async remove(id) {
      const found = await find(id);
      if (found === undefined) return false;
      await records.remove(REQUEST_KIND, [String(id)]);
      await records.remove(PROGRESS_KIND, [String(id)]);
      return true;
    },
  };
}
