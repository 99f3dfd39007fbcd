import { Button, MessageBar, MessageBarBody, makeStyles } from "@fluentui/react-components";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useMayRun } from "../../api/session.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { LeaveGuard } from "../../widgets/form/leave-guard.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { Warnings } from "../../widgets/run-dialog.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { useRun } from "../../widgets/use-run.ts";
import {
  isComplete,
  NEW_PARTNER,
  type Partner,
  partnerName,
  receiveConnectorCall,
  sendConnectorCall,
} from "./partner.ts";
import { PartnerDone } from "./partner-done.tsx";
import { PartnerIn, PartnerSure, PartnerWay, PartnerWho } from "./partner-parts.tsx";
import { texts } from "./partner-texts.ts";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: "16px", maxWidth: "720px" },
  buttons: { display: "flex", flexWrap: "wrap", gap: "8px" },
});

/** Guided: mail to a partner goes encrypted or not at all. */
export function PartnerPage() {
  const styles = useStyles();
  const navigate = useNavigate();
  const mayRun = useMayRun();
  const [partner, setPartner] = useState<Partner>(NEW_PARTNER);
  const [isMade, setMade] = useState(false);
  const out = useRun();
  const back = useRun();
  const isRunning = out.state.kind === "running" || back.state.kind === "running";
  const change = (next: Partial<Partner>) => setPartner({ ...partner, ...next });
  const call = sendConnectorCall(partner);
  const backCall = receiveConnectorCall(partner, texts.partnerIn(partnerName(partner)));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!isMade && !(await out.run(call))) return;
    setMade(true);
    if (partner.alsoIn) await back.run(backCall);
  };
  const isDone = isMade && (!partner.alsoIn || back.state.kind === "done");
  const warnings = [out, back].flatMap(({ state }) =>
    state.kind === "done" ? state.result.warnings : [],
  );
  if (isDone) {
    return (
      <>
        <PageHeader title={texts.title} />
        <Warnings warnings={warnings} />
        <PartnerDone partner={partner} />
      </>
    );
  }
  return (
    <>
      <PageHeader title={texts.title} about={texts.about} />
      <form className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
        <LeaveGuard isNeeded={() => partner.domains !== "" && !isMade} />
        <PartnerWho partner={partner} onChange={change} />
        <PartnerWay partner={partner} onChange={change} />
        <PartnerSure partner={partner} onChange={change} />
        {mayRun("New-ReceiveConnector", "Get-ReceiveConnector") && (
          <PartnerIn partner={partner} onChange={change} />
        )}
        {out.state.kind === "failed" && <FaultNotice fault={out.state.fault} />}
        {back.state.kind === "failed" && (
          <>
            <MessageBar intent="warning" layout="multiline">
              <MessageBarBody>{texts.secondFailed}</MessageBarBody>
            </MessageBar>
            <FaultNotice fault={back.state.fault} />
          </>
        )}
        <div className={styles.buttons}>
          <Button type="submit" appearance="primary" disabled={isRunning || !isComplete(partner)}>
            {texts.create}
          </Button>
          <Button onClick={() => void navigate({ to: "/mail-flow/send-connectors" })}>
            {texts.cancel}
          </Button>
          <ShowCmdlet call={call} />
          {partner.alsoIn && <ShowCmdlet call={backCall} />}
        </div>
      </form>
    </>
  );
}
