import { networkInterfaces } from "node:os";
import { MessageChannel } from "node:worker_threads";
import { CmdletFault } from "../cmdlet/cmdlet-fault.ts";
import type { DiagnosisDesk } from "../cmdlets/diagnosis/services.ts";
import type { AnswerTo, DiagnosisQuestion } from "../diagnosis/questions.ts";
import type { TrackingLog } from "../logs/tracking-log.ts";
import type { Domain } from "../mail/address.ts";
import { RECORD_PAGE_MAX, type RecordStore } from "../store/record-store.ts";
import { DMARC_REPORT_KIND, type KeptDmarcReport } from "../transport/deliver/kept-dmarc-report.ts";
import type { ComponentKeeper } from "./component-keeper.ts";
import type { DiagnosisPiece } from "./diagnosis-thread.ts";
import type { OrganizationKeeper } from "./organization-keeper.ts";
import type { QueueHost } from "./queue-services.ts";
import type { StoreHost } from "./store-host.ts";
import type { Supervisor } from "./supervisor.ts";

/** What explanations and tests are put together from. */
export interface DiagnosisHostParts {
  readonly keeper: Pick<OrganizationKeeper, "organization">;
  readonly supervisor: Pick<Supervisor, "remotes">;
  readonly components: Pick<ComponentKeeper, "requests">;
  readonly queues: Pick<QueueHost, "desk">;
  readonly log: TrackingLog;
  readonly store: Pick<StoreHost, "organization">;
}

/** Explanations and tests as the cmdlets see them: the network work is a transport thread's. */
export function createDiagnosisDesk(parts: DiagnosisHostParts): DiagnosisDesk {
  const { keeper, components, queues, log } = parts;
  return {
    organization: () => keeper.organization,
    ask: (question, how) => askThread(parts, question, how),
    submitProbe: (to) => anyThread(parts).ask("submitProbe", { to }),
    log,
    queued: async (ids, signal) => {
      const found = [];
      const pages = queues.desk.messages({
        ids: [...ids].sort((one, other) => one - other),
        signal,
      });
      for await (const page of pages) found.push(...page);
      return found;
    },
    queues: async () => (await queues.desk.list()).queues,
    stateRequests: () => components.requests,
    dmarcReports: (domain) => listDmarcReports(parts.store.organization.records, domain),
    ownAddresses: () =>
      Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address)),
  };
}

/** Page by page: there may be a hundred thousand. */
async function* listDmarcReports(
  records: RecordStore,
  domain: Domain | undefined,
): AsyncGenerator<KeptDmarcReport> {
  for (let after = domain === undefined ? "" : `${domain} `; ; ) {
    const page = await records.list(DMARC_REPORT_KIND, { after, limit: RECORD_PAGE_MAX });
    for (const { key, json } of page) {
      if (domain !== undefined && !key.startsWith(`${domain} `)) return;
      // What the store holds is what we wrote.
      yield JSON.parse(json) as KeptDmarcReport;
    }
    const last = page.at(-1);
    if (last === undefined || page.length < RECORD_PAGE_MAX) return;
    after = last.key;
  }
}

function anyThread({ supervisor }: DiagnosisHostParts) {
  const [remote] = supervisor.remotes.values();
  if (remote === undefined) {
    throw new CmdletFault("unavailable", "no transport thread is up just now; try again");
  }
  return remote;
}

async function* askThread<Question extends DiagnosisQuestion>(
  parts: DiagnosisHostParts,
  question: Question,
  how: { readonly timeoutMs: number; readonly signal: AbortSignal },
): AsyncGenerator<AnswerTo<Question>> {
  const { port1, port2 } = new MessageChannel();
  const { timeoutMs, signal } = how;
  const pieces: DiagnosisPiece[] = [];
  let wake: (() => void) | undefined;
  let isClosed = false;
  port1.on("message", (piece: DiagnosisPiece) => {
    pieces.push(piece);
    wake?.();
  });
  const close = () => {
    isClosed = true;
    wake?.();
  };
  port1.on("close", close);
  signal.addEventListener("abort", close, { once: true });
  anyThread(parts).tell("diagnose", { question, timeoutMs, port: port2 }, [port2]);
  try {
    for (;;) {
      const piece = pieces.shift();
      if (piece === undefined) {
        if (isClosed) throw new CmdletFault("unavailable", "the transport thread has ended");
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        signal.throwIfAborted();
      } else if (piece.kind === "piece") {
        // The thread answers each question with its own kind of pieces.
        yield piece.value as AnswerTo<Question>;
      } else if (piece.kind === "failed") throw new CmdletFault("unavailable", piece.reason);
      else return;
    }
  } finally {
    signal.removeEventListener("abort", close);
    port1.close();
  }
}
