import { makeStyles, Text, tokens } from "@fluentui/react-components";
import {
  CheckmarkCircleFilled,
  ErrorCircleFilled,
  type FluentIcon,
  WarningFilled,
} from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { formatDate } from "../../base/format.ts";
import { Card } from "./card.tsx";
import type { Overview } from "./now-card.tsx";
import { texts } from "./texts.ts";
import { recordOf, recordsOf } from "./traffic.ts";

const useStyles = makeStyles({
  sets: {
    display: "flex",
    flexWrap: "wrap",
    gap: "6px 16px",
    listStyleType: "none",
    margin: 0,
    padding: 0,
  },
  set: { display: "inline-flex", alignItems: "center", gap: "4px" },
  list: { margin: 0, paddingInlineStart: "20px", overflowWrap: "anywhere" },
  part: { margin: 0 },
});

interface Look {
  readonly icon: FluentIcon;
  readonly colour: string;
  readonly word: string;
}

const HEALTHY: Look = {
  icon: CheckmarkCircleFilled,
  colour: tokens.colorPaletteGreenForeground1,
  word: texts.healthy,
};
const LOOKS: Readonly<Record<string, Look>> = {
  Healthy: HEALTHY,
  Degraded: {
    icon: WarningFilled,
    colour: tokens.colorPaletteMarigoldForeground1,
    word: texts.degraded,
  },
  Unhealthy: {
    icon: ErrorCircleFilled,
    colour: tokens.colorPaletteRedForeground1,
    word: texts.unhealthy,
  },
};

/** Whether all is well: each area with its verdict, then everything that is not. */
export function HealthCard({ overview }: { readonly overview: Overview }) {
  const styles = useStyles();
  const sets = recordsOf(overview.HealthSets);
  const findings = overview.Findings ?? [];
  const certificates = recordsOf(overview.CertificatesNearExpiry);
  const pressing = Object.entries(recordOf(overview.BackPressure)).filter(
    ([, level]) => level !== "Low",
  );
  const notActive = overview.ComponentsNotActive ?? [];
  const lists = [findings, certificates, pressing, notActive];
  const isWell = lists.every(({ length }) => length === 0);
  return (
    <Card title={texts.health}>
      <ul className={styles.sets} aria-label={texts.healthSets}>
        {sets.map((set) => (
          <HealthSet
            key={String(set["Name"])}
            name={String(set["Name"])}
            alert={set["AlertValue"]}
          />
        ))}
      </ul>
      {isWell && <Text>{texts.allWell}</Text>}
      <Part title={texts.findings} lines={findings} />
      <Part
        title={texts.certificates}
        lines={certificates.map((one) => {
          const left = texts.certificateLeft(Number(one["DaysLeft"]));
          return `${one["File"]}: ${left} (${formatDate(String(one["NotAfter"]))})`;
        })}
      />
      <Part
        title={texts.pressure}
        lines={pressing.map(([resource, level]) => texts.pressureOf(resource, String(level)))}
      />
      <Part title={texts.notActive} lines={notActive} />
    </Card>
  );
}

function HealthSet({ name, alert }: { readonly name: string; readonly alert: unknown }) {
  const styles = useStyles();
  const { icon: Icon, colour, word } = LOOKS[String(alert)] ?? HEALTHY;
  return (
    <li className={styles.set}>
      <Icon aria-label={word} color={colour} fontSize={18} />
      {name}
    </li>
  );
}

function Part(props: { readonly title: string; readonly lines: readonly string[] }): ReactNode {
  const { title, lines } = props;
  const styles = useStyles();
  if (lines.length === 0) return null;
  return (
    <>
      <Text as="h3" weight="semibold" className={styles.part}>
        {title}
      </Text>
      <ul className={styles.list}>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  );
}
