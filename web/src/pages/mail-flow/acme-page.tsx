import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useEffect, useRef } from "react";
import { refreshCmdlets, useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { PropertyList } from "../../widgets/property-list.tsx";
import { SettingsForm } from "../../widgets/settings-page.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { useRun } from "../../widgets/use-run.ts";
import { VerdictMark } from "../../widgets/verdict-mark.tsx";
import { texts } from "./certificate-texts.ts";

const CALL = { cmdlet: "Get-AcmeState", parameters: {} } as const;
const TRY = { cmdlet: "Update-AcmeCertificate", parameters: {} } as const;
type State = OutputOf<"Get-AcmeState">;

const useStyles = makeStyles({
  root: {
    display: "flex",
    flexDirection: "column",
    alignItems: "flex-start",
    gap: "12px",
    padding: "16px",
    margin: "16px 0",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  title: { margin: 0 },
  verdict: { display: "flex", gap: "8px", alignItems: "center" },
  tools: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
  facts: { width: "100%" },
});

/** Certificates that the server gets for itself: the settings, and how far it is. */
export function AcmePage() {
  const mayRun = useMayRun();
  return (
    <>
      <PageHeader title={texts.acme} about={texts.acmeAbout}>
        <ShowCmdlet call={{ cmdlet: "Get-TransportConfig", parameters: {} }} />
      </PageHeader>
      {mayRun("Get-AcmeState") && <AcmeProgress />}
      <SettingsForm
        noun="TransportConfig"
        sections={[{ title: texts.acme, fields: ["Acme"] }]}
        isPart
      />
    </>
  );
}

const FACTS = ["CertificateDomains", "DirectoryUrl", "LastTry", "NextTry", "LastError", "Cure"];

/** What the server is at with its order, kept up to date. */
function AcmeProgress() {
  const styles = useStyles();
  const reading = useCmdlet(CALL, { refreshMs: 2000 });
  const state = reading.data?.objects[0];
  useFreshCertificates(state?.State);
  return (
    <section className={styles.root} aria-label={texts.acmeState}>
      <div className={styles.tools}>
        <Text as="h2" size={400} weight="semibold" className={styles.title}>
          {texts.acmeState}
        </Text>
        <ShowCmdlet call={CALL} />
      </div>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {state && (
        <>
          <Text role="status" className={styles.verdict}>
            <VerdictMark verdict={verdictOf(state)} />
            <bdi>{wordsOf(state)}</bdi>
          </Text>
          {state.State !== "Off" && (
            <div className={styles.facts}>
              <PropertyList cmdlet="Get-AcmeState" object={state} names={FACTS} />
            </div>
          )}
        </>
      )}
      {(state?.State === "Failed" || state?.State === "Scheduled") && <TryNow />}
    </section>
  );
}

/** For who has mended what was wrong. */
function TryNow() {
  const styles = useStyles();
  const mayRun = useMayRun();
  const runner = useRun();
  const { state } = runner;
  if (!mayRun(TRY.cmdlet)) return null;
  return (
    <div className={styles.tools}>
      <Button disabled={state.kind === "running"} onClick={() => void runner.run(TRY)}>
        {texts.acmeTry}
      </Button>
      <ShowCmdlet call={TRY} />
      {state.kind === "failed" && <FaultNotice fault={state.fault} />}
    </div>
  );
}

/** Once an order has ended, what other pages know of certificates is of yesterday. */
function useFreshCertificates(state: State["State"] | undefined): void {
  const before = useRef(state);
  useEffect(() => {
    if (before.current === "Running" && state === "Scheduled") void refreshCmdlets();
    before.current = state;
  }, [state]);
}

function verdictOf({ State: state }: State) {
  if (state === "Failed") return "Fail";
  if (state === "TermsNotAgreed") return "Warning";
  return state === "Scheduled" ? "Pass" : "Info";
}

function wordsOf({ State: state, Step, Failures }: State): string {
  switch (state) {
    case "Failed":
      return texts.acmeFailed(Failures ?? 0);
    case "Running":
      return texts.acmeRunning(Step ?? "");
    case "TermsNotAgreed":
      return texts.acmeTerms;
    case "Scheduled":
      return texts.acmeScheduled;
    default:
      return texts.acmeOff;
  }
}
