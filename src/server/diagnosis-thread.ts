import { X509Certificate } from "node:crypto";
import type { MessagePort } from "node:worker_threads";
import type { Clock } from "../base/clock.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { createMetrics } from "../base/metrics.ts";
import type { SecretBox } from "../base/secret-box.ts";
import type { SendingEar } from "../diagnosis/hop-route.ts";
import { type SentProbe, submitProbe } from "../diagnosis/probe-message.ts";
import {
  type AnswerTo,
  answerQuestion,
  type DiagnosisQuestion,
  type DiagnosisTools,
} from "../diagnosis/questions.ts";
import { describeAnswer } from "../diagnosis/record-check.ts";
import { openResolver, type Resolver } from "../dns/resolver.ts";
import type { DnsServer } from "../dns/transport.ts";
import type { Address } from "../mail/address.ts";
import { openDnsTransport } from "../net/dns-transport.ts";
import type { Directory } from "../org/directory.ts";
import { openKeyRecord } from "../org/dkim-keys.ts";
import type { Organization } from "../org/organization.ts";
import type { RecordStore } from "../store/record-store.ts";
import type { CertificateStore } from "../tls/certificate-store.ts";
import type { SubmissionQueue } from "../transport/queue/submission.ts";
import type { RateCounts } from "../transport/receive/rate-counts.ts";
import { createReceive } from "../transport/receive/receive.ts";
import type { CheckSender } from "../transport/receive/sender-id-agent.ts";
import { createFetchPolicy } from "../transport/send/sts-source.ts";
import { createSendDependencies } from "./send-stage.ts";
import type { TestFaults } from "./test-faults.ts";

/** A question on its way to a transport thread. */
export interface DiagnosisOrder {
  readonly question: DiagnosisQuestion;
  /** Longer than that it may not take. */
  readonly timeoutMs: number;
  /** The answer comes here, piece by piece; closing it ends the work. */
  readonly port: MessagePort;
}

/** What comes by the port. */
export type DiagnosisPiece =
  | { readonly kind: "piece"; readonly value: AnswerTo<DiagnosisQuestion> }
  | { readonly kind: "end" }
  | { readonly kind: "failed"; readonly reason: string };

/** What administrators' tests and explanations ask of a transport thread. */
export type DiagnosisThreadCalls = {
  readonly diagnose: (order: DiagnosisOrder) => Promise<void>;
  /** Rejects with StoreFailure. */
  readonly submitProbe: (probe: { readonly to: Address }) => Promise<SentProbe>;
};

/** What a thread answers with. */
export interface DiagnosisParts {
  readonly clock: Clock;
  readonly organization: () => Organization;
  readonly directory: Directory;
  readonly nameServers: readonly DnsServer[];
  readonly secrets: SecretBox;
  readonly records: RecordStore;
  readonly certificates: () => CertificateStore;
  readonly rates: RateCounts;
  readonly queue: Pick<SubmissionQueue, "submit" | "nextMessageId">;
  readonly faults: TestFaults;
  readonly checkSender: CheckSender;
}

/** Questions that a thread works on at one time. */
const AT_ONCE_MAX = 4;

/** Answers from what the thread has, with connections and name servers of its own. */
export function diagnosisThreadCalls(parts: DiagnosisParts): DiagnosisThreadCalls {
  const { clock, organization, queue } = parts;
  const tools = createTools(parts);
  let count = 0;
  return {
    async diagnose({ question, timeoutMs, port }) {
      if (count >= AT_ONCE_MAX) {
        tell(port, { kind: "failed", reason: "too many tests at once; try again in a moment" });
        port.close();
        return;
      }
      count += 1;
      const left = new AbortController();
      const timer = clock.startTimer(timeoutMs, () => left.abort("it took too long"));
      port.on("close", () => left.abort("the caller has gone"));
      try {
        await answer(question, { tools, port, signal: left.signal });
      } catch (error) {
        const reason = left.signal.aborted ? String(left.signal.reason) : String(error);
        tell(port, { kind: "failed", reason });
      } finally {
        count -= 1;
        timer.cancel();
        port.close();
      }
    },
    submitProbe: ({ to }) =>
      submitProbe(to, { queue, organization: organization(), nowMs: clock.nowMs() }),
  };
}

function tell(port: MessagePort, piece: DiagnosisPiece): void {
  port.postMessage(piece);
}

async function answer(
  question: DiagnosisQuestion,
  work: {
    readonly tools: DiagnosisTools;
    readonly port: MessagePort;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { tools, port, signal } = work;
  const pieces = answerQuestion(question, tools, signal);
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error(String(signal.reason))));
  });
  // Nobody may be waiting any more when it is aborted.
  aborted.catch(() => undefined);
  for (;;) {
    // What waits for a name server or a policy is not waited for beyond that.
    const next = await Promise.race([pieces.next(), aborted]);
    if (next.done === true) break;
    tell(port, { kind: "piece", value: next.value });
  }
  tell(port, { kind: "end" });
}

function createTools(parts: DiagnosisParts): DiagnosisTools {
  const { clock, organization, directory, nameServers, rates, certificates, faults } = parts;
  const openNames = () => {
    const resolver = openResolver({
      servers: nameServers,
      exchange: openDnsTransport(clock),
      clock,
    });
    const fetchPolicy = createFetchPolicy({ resolver, clock, port: faults.mtaStsPort });
    return { resolver, fetchPolicy };
  };
  const openSession = createReceive({
    organization,
    directory,
    queue: NO_QUEUE,
    clock,
    diagnostics: silentDiagnostics,
    count: () => undefined,
    tlsFor: () => undefined,
  });
  return {
    clock,
    checkSender: parts.checkSender,
    organization,
    directory,
    rates,
    openSession,
    openNames,
    openSending: (ear) => openSending(parts, ear),
    dkimRecord: (kind, sealed) => openKeyRecord(kind, sealed, parts.secrets),
    certificateOf(host) {
      const secret = certificates().serverSecret(host);
      return secret !== undefined && "cert" in secret
        ? new X509Certificate(secret.cert)
        : undefined;
    },
  };
}

/** Never reached: a test of policy sends no content. */
const NO_QUEUE: SubmissionQueue = {
  submit: () => Promise.reject(new Error("a test submits nothing")),
  nextMessageId: () => Promise.reject(new Error("a test submits nothing")),
  appendContent: () => Promise.reject(new Error("a test submits nothing")),
  discardContent: () => Promise.resolve(),
  readContent: () => Promise.resolve(undefined),
  admits: () => true,
};

/** The sending stage once more, with caches of its own, and only the ear is told. */
function openSending(parts: DiagnosisParts, ear: SendingEar) {
  const { clock, nameServers, secrets, organization, records, certificates, faults } = parts;
  return createSendDependencies({
    clock,
    nameServers,
    secrets,
    organization,
    records,
    faults,
    metrics: createMetrics("diagnosis"),
    diagnostics: silentDiagnostics,
    connectivity: () => undefined,
    nextSessionId: () => "",
    desk: ear.desk,
    clientContext: (client) => certificates().clientContext(client),
    tlsAttempt: ear.tlsAttempt,
    watched: (resolver) => watch(resolver, ear, clock),
  });
}

function watch(resolver: Resolver, ear: SendingEar, clock: Clock): Resolver {
  return {
    async lookup(name, type) {
      const startMs = clock.monotonicMs();
      const found = await resolver.lookup(name, type);
      ear.lookup({
        ...{ name, type, kind: found.kind, answer: describeAnswer(found) },
        authenticated: found.kind !== "failed" && found.authenticated,
        elapsedMs: Math.round(clock.monotonicMs() - startMs),
      });
      return found;
    },
  };
}
