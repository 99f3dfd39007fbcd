import {
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Spinner,
  Text,
  tokens,
} from "@fluentui/react-components";
import { PlayRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { visibleText } from "../../base/visible-text.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts } from "./device-texts.ts";
import { FormPart } from "./form-part.tsx";
import { RefusedSessions } from "./refused-sessions.tsx";

const useStyles = makeStyles({
  line: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
  usual: { margin: 0, paddingInlineStart: "20px" },
  title: { margin: 0, fontSize: tokens.fontSizeBase300 },
});

const LOOK_MS = 2000;
/** After that somebody who waits wants to know what is usually wrong. */
const PATIENCE_MS = 120_000;

/** By what the device's messages are known. */
export interface DeviceTrace {
  readonly SenderAddress?: string;
  /** The receive connector that it has to itself. */
  readonly Connector?: string;
}

/** Waits for the first message of a device, and tells what went wrong when there is none. */
export function DeviceTest(props: { readonly trace: DeviceTrace; readonly isStarted?: true }) {
  const styles = useStyles();
  const mayRun = useMayRun();
  const [since, setSince] = useState<string | undefined>(() =>
    props.isStarted ? new Date().toISOString() : undefined,
  );
  if (!mayRun("Get-MessageTrace")) return null;
  return (
    <FormPart title={texts.testTitle}>
      {since === undefined ? (
        <div className={styles.line}>
          <Button
            appearance="primary"
            icon={<PlayRegular />}
            onClick={() => setSince(new Date().toISOString())}
          >
            {texts.testStart}
          </Button>
        </div>
      ) : (
        <Waiting {...props} since={since} onStop={() => setSince(undefined)} />
      )}
    </FormPart>
  );
}

function Waiting(props: {
  readonly trace: DeviceTrace;
  readonly since: string;
  readonly onStop: () => void;
}) {
  const { trace, since, onStop } = props;
  const styles = useStyles();
  const mayRun = useMayRun();
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  const [isFound, setFound] = useState(false);
  const call = {
    cmdlet: "Get-MessageTrace",
    parameters: { ...trace, StartDate: since, ResultSize: 10 },
  } as const;
  // What became of it may still change: one looks on, but not so often.
  const { data } = useCmdlet(call, { refreshMs: isFound ? LOOK_MS * 5 : LOOK_MS });
  const found = data?.objects.at(-1);
  if (found !== undefined && !isFound) setFound(true);
  if (found !== undefined) {
    return (
      <MessageBar intent="success" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{texts.works}</MessageBarTitle>
          {texts.arrived(
            visibleText(found.SenderAddress ?? ""),
            visibleText(found.RecipientAddress ?? ""),
          )}{" "}
          {texts.fromWhere(found.FromIP ?? "")} {texts.status(String(found.Status))}
        </MessageBarBody>
      </MessageBar>
    );
  }
  return (
    <>
      <div className={styles.line}>
        <Spinner size="tiny" aria-hidden />
        <Text role="status">{texts.waiting}</Text>
        <Button size="small" onClick={onStop}>
          {texts.stop}
        </Button>
        <ShowCmdlet call={call} />
      </div>
      {mayRun("Get-SessionRecording") && (
        <RefusedSessions since={since} connector={trace.Connector} refreshMs={LOOK_MS * 2} />
      )}
      {isLate ? (
        <UsuallyWrong />
      ) : (
        <div>
          <Button size="small" appearance="transparent" onClick={() => setLate(true)}>
            {texts.usual}
          </Button>
        </div>
      )}
    </>
  );
}

const USUAL = [
  texts.usualServer,
  texts.usualPort,
  texts.usualTls,
  texts.usualCertificate,
  texts.usualOld,
  texts.usualSender,
];

function UsuallyWrong() {
  const styles = useStyles();
  return (
    <section aria-label={texts.usual}>
      <h3 className={styles.title}>{texts.usual}</h3>
      <ul className={styles.usual}>
        {USUAL.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </section>
  );
}
