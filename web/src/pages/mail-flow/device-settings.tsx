import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Text,
  tokens,
} from "@fluentui/react-components";
import { PrintRegular } from "@fluentui/react-icons";
import { useNavigate } from "@tanstack/react-router";
import { Fragment } from "react";
import { useMayRun } from "../../api/session.ts";
import { CopyButton } from "../../widgets/copy-button.tsx";
import type { Door } from "./device.ts";
import { texts } from "./device-texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "12px", alignItems: "start" },
  list: {
    display: "grid",
    gridTemplateColumns: "minmax(90px, max-content) minmax(0, max-content) 36px",
    columnGap: "16px",
    rowGap: "6px",
    alignItems: "center",
    margin: 0,
  },
  term: { color: tokens.colorNeutralForeground2 },
  value: {
    margin: 0,
    fontFamily: tokens.fontFamilyMonospace,
    fontWeight: tokens.fontWeightSemibold,
    overflowWrap: "anywhere",
  },
  buttons: { display: "flex", flexWrap: "wrap", gap: "8px" },
  copy: { margin: 0 },
});

/** What is entered at a device. */
export interface DeviceSettingsProps {
  /** The ways in, the best first; absent: not to be seen. */
  readonly doors: readonly Door[] | undefined;
  /** Absent: it does not log on. */
  readonly user?: string;
  /** Known only when it was just made. */
  readonly password?: string;
  readonly sender: string;
}

const ENCRYPTION = {
  starttls: texts.starttls,
  implicit: texts.implicit,
  optional: texts.optional,
} as const;

/** The settings in the words of devices, to copy or to print. */
export function DeviceSettings(props: DeviceSettingsProps) {
  const { doors, user, password, sender } = props;
  const styles = useStyles();
  const [door, ...others] = doors ?? [];
  const hasNoDoor = doors !== undefined && door === undefined;
  const place: readonly (readonly [string, string])[] = [
    [texts.server, door?.server ?? window.location.hostname],
    [texts.port, door?.port ?? "587"],
    [texts.encryption, ENCRYPTION[door?.encryption ?? "starttls"]],
  ];
  const rows: readonly (readonly [string, string])[] = [
    ...(hasNoDoor ? [] : place),
    [texts.authentication, user === undefined ? texts.authOff : texts.authOn],
    ...(user === undefined
      ? []
      : ([
          [texts.user, user],
          [texts.password, password ?? texts.passwordHidden],
        ] as const)),
    [texts.from, sender],
  ];
  const all = rows.map(([label, value]) => `${label}: ${value}`).join("\n");
  return (
    <div className={styles.root}>
      {hasNoDoor && <NoDoor />}
      <dl className={styles.list} data-print>
        {rows.map(([label, value]) => (
          <Fragment key={label}>
            <dt className={styles.term}>{label}</dt>
            <dd className={styles.value}>{value}</dd>
            <dd className={styles.copy}>
              {value !== texts.passwordHidden && <CopyButton text={value} label={label} />}
            </dd>
          </Fragment>
        ))}
      </dl>
      {password !== undefined && <Text size={200}>{texts.settingsHint}</Text>}
      {doors === undefined && <Text size={200}>{texts.unknownDoor}</Text>}
      {others.map(({ server, port, encryption }) => (
        <Text key={`${server}:${port}`} size={200}>
          {texts.orElse}: {server}, {texts.port} {port}, {ENCRYPTION[encryption]}
        </Text>
      ))}
      <div className={styles.buttons}>
        <CopyButton text={all} title={texts.copyAll} />
        <Button icon={<PrintRegular />} onClick={() => window.print()}>
          {texts.print}
        </Button>
      </div>
    </div>
  );
}

/** Nobody can log on yet; said before a device is set up, and as long as it is so. */
export function NoDoor() {
  const mayRun = useMayRun();
  const navigate = useNavigate();
  const make = () => navigate({ to: "/mail-flow/receive-connectors", search: { mode: "new" } });
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{texts.noDoor}</MessageBarTitle>
        {texts.noDoorHint}
      </MessageBarBody>
      {mayRun("New-ReceiveConnector") && (
        <MessageBarActions>
          <Button onClick={() => void make()}>{texts.makeDoor}</Button>
        </MessageBarActions>
      )}
    </MessageBar>
  );
}
