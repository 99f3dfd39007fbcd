import type { X509Certificate } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Resolver } from "../dns/resolver.ts";
import type { Directory } from "../org/directory.ts";
import type { Organization } from "../org/organization.ts";
import type { OpenSession } from "../smtp/session-handler.ts";
import type { RateCounts } from "../transport/receive/rate-counts.ts";
import type { CheckSender } from "../transport/receive/sender-id-agent.ts";
import type { FetchPolicy } from "../transport/send/sts-source.ts";
import type { DkimFacts } from "./dkim-records.ts";
import { checkRecords, type RecordInquiry } from "./dns-records.ts";
import type { SendingTools } from "./hop-route.ts";
import { onwardSteps } from "./onward-route.ts";
import { relaySteps } from "./open-relay.ts";
import { type OutboundInquiry, outboundSteps } from "./outbound.ts";
import { type DoorResult, tryDoors } from "./own-doors.ts";
import { receiveSteps } from "./receive-route.ts";
import type { RecordCheck } from "./record-check.ts";
import type { OnwardInquiry, RouteInquiry } from "./route-inquiry.ts";
import { checkSender, type SenderCheck, type SenderInquiry } from "./sender-check.ts";
import { type Step, step } from "./step.ts";

/** Questions that are answered in steps; plain data, may be sent to another thread. */
export type StepQuestion =
  | { readonly kind: "route"; readonly inquiry: RouteInquiry }
  | { readonly kind: "onward"; readonly inquiry: OnwardInquiry }
  | { readonly kind: "outbound"; readonly inquiry: OutboundInquiry }
  | { readonly kind: "relay"; readonly clientAddress: string };

/** All that a transport thread can be asked. */
export type DiagnosisQuestion =
  | StepQuestion
  /** Every binding of a receive connector, or of all. */
  | { readonly kind: "doors"; readonly connector: string | undefined }
  | { readonly kind: "records"; readonly inquiry: RecordInquiry }
  | { readonly kind: "sender"; readonly inquiry: SenderInquiry };

/** One piece of an answer. */
export type AnswerTo<Question extends DiagnosisQuestion> = Question extends { kind: "doors" }
  ? DoorResult
  : Question extends { kind: "records" }
    ? RecordCheck
    : Question extends { kind: "sender" }
      ? SenderCheck
      : Step;

/** What a transport thread answers with. */
export interface DiagnosisTools extends SendingTools {
  readonly organization: () => Organization;
  readonly directory: Directory;
  readonly rates: RateCounts;
  /** As `RelayTools`. */
  readonly openSession: OpenSession;
  /** A resolver that has nothing in its memory yet, and what gets policies by it. */
  readonly openNames: () => { readonly resolver: Resolver; readonly fetchPolicy: FetchPolicy };
  readonly dkimRecord: DkimFacts["dkimRecord"];
  readonly certificateOf: (host: string) => X509Certificate | undefined;
  readonly clock: Clock;
  /** Away from this thread. */
  readonly checkSender: CheckSender;
}

/** Answers, piece by piece, by the organization of this moment. */
export function answerQuestion(
  question: DiagnosisQuestion,
  tools: DiagnosisTools,
  signal: AbortSignal,
): AsyncGenerator<AnswerTo<DiagnosisQuestion>> {
  const here = { ...tools, organization: tools.organization(), signal };
  switch (question.kind) {
    case "route":
      return wholeRoute(question.inquiry, here);
    case "onward":
      return onwardSteps(question.inquiry, here);
    case "outbound":
      return outboundSteps(question.inquiry, here);
    case "relay":
      return relaySteps(question.clientAddress, here);
    case "doors":
      return tryDoors(question.connector, here);
    case "sender":
      return checkSender(question.inquiry, here);
    case "records":
      return checkRecords(question.inquiry, { ...here, ...tools.openNames() });
  }
}

async function* wholeRoute(
  inquiry: RouteInquiry,
  tools: Omit<DiagnosisTools, "organization"> & { readonly organization: Organization },
): AsyncGenerator<Step> {
  const letIn = yield* receiveSteps(inquiry, tools);
  if (letIn === undefined) {
    yield step(0, "Result", { verdict: "Fail", decision: "the message is not let in" });
    return;
  }
  const { sender, messageBytes, resolveDns } = inquiry;
  const recipients = letIn.recipients.map((address) => ({ address, resolved: false }));
  const { origin } = letIn;
  const onward = { sender, messageBytes, resolveDns, recipients, origin, tlsNotRequired: false };
  yield* onwardSteps(onward, tools);
}
