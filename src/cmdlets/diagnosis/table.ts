import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { getDmarcReport } from "./dmarc-report.ts";
import { testDnsRecords } from "./dns-records.ts";
import { explainMessage } from "./explain-message.ts";
import { testMailflow } from "./mailflow.ts";
import { testMessageRoute } from "./message-route.ts";
import { testOpenRelay } from "./open-relay.ts";
import { testOutboundConnectivity } from "./outbound-connectivity.ts";
import { testSenderAuthentication, testSenderId } from "./sender-check.ts";
import type { DiagnosisServices } from "./services.ts";
import { testSmtpConnectivity } from "./smtp-connectivity.ts";

/** The cmdlets of this room. */
export const DIAGNOSIS_CMDLETS: readonly Cmdlet<DiagnosisServices>[] = [
  explainMessage,
  getDmarcReport,
  testDnsRecords,
  testMailflow,
  testMessageRoute,
  testOpenRelay,
  testOutboundConnectivity,
  testSenderAuthentication,
  testSenderId,
  testSmtpConnectivity,
];
