import {
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
} from "@fluentui/react-components";
import { useNavigate } from "@tanstack/react-router";
import { Suspense } from "react";
import { useMayRun } from "../../api/session.ts";
import { ConnectorTestPanel } from "./connector-test-panel.tsx";
import { CONNECTOR_TESTS } from "./connector-tests.ts";
import { type Partner, partnerDomains, partnerName } from "./partner.ts";
import { texts } from "./partner-texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "16px" },
});

const OUTBOUND = CONNECTOR_TESTS.find(({ key }) => key === "outbound");

/** It is made: what is left is to try it. */
export function PartnerDone({ partner }: { readonly partner: Partner }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const mayRun = useMayRun();
  const name = partnerName(partner);
  const [domain = ""] = partnerDomains(partner);
  return (
    <div className={styles.root}>
      <MessageBar intent="success" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{texts.done}</MessageBarTitle>
          {texts.doneHint}
        </MessageBarBody>
      </MessageBar>
      <div>
        <Button
          onClick={() =>
            void navigate({ to: "/mail-flow/send-connectors", search: { open: name } })
          }
        >
          {texts.open}
        </Button>
      </div>
      {OUTBOUND && mayRun(OUTBOUND.cmdlet) && (
        <Suspense>
          <ConnectorTestPanel
            test={OUTBOUND}
            initial={{ Domain: domain.replace(/^\*\./, ""), SendConnector: name }}
          />
        </Suspense>
      )}
    </div>
  );
}
