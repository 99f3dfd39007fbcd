import { Button, Field, Input, makeStyles, tokens } from "@fluentui/react-components";
import { ArrowLeftRegular } from "@fluentui/react-icons";
import { type FormEvent, Suspense, useState } from "react";
import { useMayRun } from "../../api/session.ts";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { ConnectorTestPanel } from "./connector-test-panel.tsx";
import { CONNECTOR_TESTS } from "./connector-tests.ts";
import { DeferPanel } from "./defer-panel.tsx";
import { PurposeChoice } from "./purpose-choice.tsx";
import { texts } from "./troubleshooter-texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "20px", maxWidth: "720px" },
  quick: {
    display: "flex",
    flexDirection: "column",
    gap: "10px",
    padding: "12px 16px",
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  buttons: { display: "flex", flexWrap: "wrap", gap: "8px" },
  title: { margin: 0, fontSize: tokens.fontSizeBase400 },
});

/** A question as it is in the address: `defer`, or the key of a test. */
const DEFER = "defer";

/** Tests of connectors and ways, by the question that they answer. */
export function TroubleshooterPage() {
  const [{ test: key }, setState] = usePageState();
  const mayRun = useMayRun();
  const chosen = CONNECTOR_TESTS.find((one) => one.key === key && mayRun(one.cmdlet));
  const title = key === DEFER ? texts.defer : chosen === undefined ? texts.title : chosen.title;
  const about = key === DEFER ? texts.deferHint : (chosen?.hint ?? texts.about);
  const isOpen = key === DEFER || chosen !== undefined;
  return (
    <>
      <PageHeader title={title} about={about}>
        {isOpen && (
          <Button
            icon={<ArrowLeftRegular />}
            onClick={() => setState({ test: undefined, run: undefined })}
          >
            {texts.back}
          </Button>
        )}
      </PageHeader>
      <Suspense fallback={<Loading />}>
        {key === DEFER && <DeferPanel />}
        {chosen && <ConnectorTestPanel key={chosen.key} test={chosen} />}
        {!isOpen && <Questions />}
      </Suspense>
    </>
  );
}

function Questions() {
  const styles = useStyles();
  const mayRun = useMayRun();
  const [{ domain = "" }, setState] = usePageState();
  const [typed, setTyped] = useState(domain);
  const wanted = typed.trim().replace(/^.*@/, "");
  const ask = (event: FormEvent) => {
    event.preventDefault();
    if (wanted !== "") setState({ test: DEFER, domain: wanted });
  };
  const others = CONNECTOR_TESTS.filter(({ cmdlet }) => mayRun(cmdlet));
  return (
    <div className={styles.root}>
      <form className={styles.quick} onSubmit={ask}>
        <h2 className={styles.title}>{texts.quickTitle}</h2>
        <Field label={texts.quickDomain} hint={texts.quickHint}>
          <Input value={typed} onChange={(_event, { value }) => setTyped(value)} />
        </Field>
        <div className={styles.buttons}>
          <Button type="submit" appearance="primary" disabled={wanted === ""}>
            {texts.why}
          </Button>
          {mayRun("Test-OutboundConnectivity") && (
            <Button
              disabled={wanted === ""}
              onClick={() => setState({ test: "outbound", domain: wanted, run: "1" })}
            >
              {texts.reach}
            </Button>
          )}
        </div>
      </form>
      <PurposeChoice
        title={texts.other}
        purposes={others}
        onChoose={(key) => setState({ test: key })}
      />
    </div>
  );
}
