import { Button, Field, makeStyles, Text, tokens } from "@fluentui/react-components";
import {
  CheckmarkCircleFilled,
  CircleRegular,
  CopyRegular,
  RecordRegular,
} from "@fluentui/react-icons";
import { type ReactNode, useState } from "react";
import type { AnyCall } from "../../api/run-cmdlet.ts";
import { serverNowMs } from "../../api/server-clock.ts";
import { useMayRun } from "../../api/session.ts";
import { formatDateTime } from "../../base/format.ts";
import { useNotify } from "../../widgets/notify.tsx";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { type DkimConfig, DnsMark, type DnsState } from "./dkim-dns.tsx";
import { type DkimKey, type DkimPhase, keysToPublish } from "./dkim-rotation.ts";
import { texts } from "./dkim-texts.ts";

const useStyles = makeStyles({
  steps: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    gap: "12px",
  },
  step: { display: "flex", gap: "8px", alignItems: "start" },
  body: { display: "flex", flexDirection: "column", gap: "8px", minWidth: 0, flexGrow: 1 },
  icon: { fontSize: "20px", flexShrink: 0 },
  done: { color: tokens.colorPaletteGreenForeground1 },
  now: { color: tokens.colorCompoundBrandForeground1 },
  later: { color: tokens.colorNeutralForeground3 },
  title: { margin: 0 },
  record: {
    display: "flex",
    flexDirection: "column",
    gap: "4px",
    padding: "8px",
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
  value: {
    fontFamily: tokens.fontFamilyMonospace,
    overflowWrap: "anywhere",
    fontSize: tokens.fontSizeBase200,
  },
  buttons: { display: "flex", flexWrap: "wrap", gap: "8px" },
});

interface StepsProps {
  readonly config: DkimConfig;
  readonly keys: readonly DkimKey[];
  readonly phase: DkimPhase;
  readonly dns: DnsState;
  readonly onLook: () => void;
  readonly isLooking: boolean;
}

/** What to do, in order, for a domain to sign or to change its keys. */
export function DkimSteps(props: StepsProps) {
  const { phase, keys, dns } = props;
  const styles = useStyles();
  const mayRun = useMayRun();
  if (!mayRun("Set-DkimSigningConfig", "Rotate-DkimSigningConfig")) return null;
  const wanted = keysToPublish(keys, phase);
  const isPublished =
    wanted.length > 0 && wanted.every(({ name }) => dns?.get(name)?.Verdict === "Pass");
  const isMade = phase !== "signing";
  const steps = [
    ...(phase === "new"
      ? []
      : [{ title: texts.makeKeys, isDone: isMade, body: <MakeKeys {...props} /> }]),
    {
      title: texts.publish,
      isDone: isPublished,
      body: isMade && (
        <>
          <Text>{phase === "new" ? texts.publishFirstHint : texts.publishHint}</Text>
          <Records keys={wanted} dns={dns} />
        </>
      ),
    },
    {
      title: texts.check,
      isDone: isPublished,
      body: isMade && <Check {...props} isPublished={isPublished} />,
    },
    {
      title: phase === "new" ? texts.turnOn : texts.switch,
      isDone: false,
      body: isMade && <Switch {...props} isPublished={isPublished} />,
    },
  ];
  const now = steps.findIndex(({ isDone }) => !isDone);
  return (
    <section>
      <Text as="h3" weight="semibold" block className={styles.title}>
        {phase === "new" ? texts.setupTitle : texts.rotateTitle}
      </Text>
      <ol className={styles.steps}>
        {steps.map(({ title, isDone, body }, at) => (
          <Step
            key={title}
            title={texts.step(at + 1, title)}
            state={isDone ? "done" : at === now ? "now" : "later"}
          >
            {body}
          </Step>
        ))}
      </ol>
    </section>
  );
}

const MARKS = {
  done: { icon: CheckmarkCircleFilled, words: texts.stepDone },
  now: { icon: RecordRegular, words: texts.stepNow },
  later: { icon: CircleRegular, words: texts.stepLater },
} as const;

function Step(props: {
  readonly title: string;
  readonly state: keyof typeof MARKS;
  readonly children: ReactNode;
}) {
  const { title, state, children } = props;
  const styles = useStyles();
  const { icon: Icon, words } = MARKS[state];
  return (
    <li className={styles.step} aria-current={state === "now" ? "step" : undefined}>
      <span role="img" aria-label={words} title={words} className={styles.icon}>
        <Icon aria-hidden className={styles[state]} />
      </span>
      <div className={styles.body}>
        <Text weight="semibold">{title}</Text>
        {children}
      </div>
    </li>
  );
}

function MakeKeys({ config, phase }: StepsProps) {
  const [isAsking, setAsking] = useState(false);
  const notify = useNotify();
  if (phase === "waiting") return null;
  return (
    <>
      <Text>{texts.makeKeysHint}</Text>
      <div>
        <Button appearance="primary" onClick={() => setAsking(true)}>
          {texts.makeKeysButton}
        </Button>
      </div>
      {isAsking && (
        <RunDialog
          title={`${texts.makeKeys}: ${config.Identity}`}
          call={{ cmdlet: "Rotate-DkimSigningConfig", parameters: { Identity: config.Identity } }}
          verb={texts.makeKeysButton}
          onClose={({ isDone }) => {
            setAsking(false);
            if (isDone) notify({ title: texts.rotated });
          }}
        />
      )}
    </>
  );
}

function Records({ keys, dns }: { readonly keys: readonly DkimKey[]; readonly dns: DnsState }) {
  const styles = useStyles();
  return (
    <>
      {keys.map(({ name, value }) => (
        <div key={name} className={styles.record}>
          <Field label={`${texts.recordName} (TXT)`}>
            <span className={styles.value}>{name}</span>
          </Field>
          <Field label={texts.recordValue}>
            <span className={styles.value}>{value}</span>
          </Field>
          <DnsMark name={name} dns={dns} />
          <div className={styles.buttons}>
            <CopyButton label={texts.copyName(name)} words={texts.recordName} text={name} />
            <CopyButton label={texts.copyValue(name)} words={texts.recordValue} text={value} />
          </div>
        </div>
      ))}
      <div>
        <CopyButton
          label={texts.copyLines}
          words={texts.copyLines}
          text={keys.map(({ line }) => line).join("\n")}
        />
      </div>
    </>
  );
}

function CopyButton(props: {
  readonly label: string;
  readonly words: string;
  readonly text: string;
}) {
  const { label, words, text } = props;
  const notify = useNotify();
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    notify({ title: texts.copied });
  };
  return (
    <Button size="small" icon={<CopyRegular />} aria-label={label} onClick={() => void copy()}>
      {words}
    </Button>
  );
}

function Check(props: StepsProps & { readonly isPublished: boolean }) {
  const { dns, onLook, isLooking, isPublished } = props;
  const mayRun = useMayRun();
  if (!mayRun("Test-DnsRecords")) return null;
  return (
    <>
      <Text>{isPublished ? texts.allThere : texts.checkHint}</Text>
      <div>
        <Button disabled={isLooking} onClick={onLook}>
          {dns === undefined ? texts.checkDns : texts.checkAgain}
        </Button>
      </div>
    </>
  );
}

/** Begins to sign, or goes over to the new keys. */
function Switch({ config, phase, isPublished }: StepsProps & { readonly isPublished: boolean }) {
  const notify = useNotify();
  const [call, setCall] = useState<AnyCall>();
  const domain = config.Identity ?? "";
  const isNew = phase === "new";
  const begin = () => {
    const now = `${new Date(serverNowMs()).toISOString().slice(0, -5)}Z`;
    const change = isNew ? { Enabled: true } : { RotateOnDate: now };
    setCall({ cmdlet: "Set-DkimSigningConfig", parameters: { Identity: domain, ...change } });
  };
  return (
    <>
      <Text>
        {isNew ? texts.turnOnHint : texts.switchHint(formatDateTime(config.RotateOnDate ?? ""))}
      </Text>
      <div>
        <Button appearance={isPublished ? "primary" : "secondary"} onClick={begin}>
          {isNew ? texts.turnOn : texts.switchButton}
        </Button>
      </div>
      {call && (
        <RunDialog
          title={isNew ? texts.turnOnTitle : texts.switchTitle}
          call={call}
          verb={isNew ? texts.turnOn : texts.switchButton}
          onClose={({ isDone }) => {
            setCall(undefined);
            if (isDone) notify({ title: isNew ? texts.turnedOn(domain) : texts.switched(domain) });
          }}
        >
          {!isPublished && <Text>{texts.switchUnchecked}</Text>}
        </RunDialog>
      )}
    </>
  );
}
