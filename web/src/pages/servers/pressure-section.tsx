import { makeStyles, ProgressBar, Text } from "@fluentui/react-components";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { VerdictMark } from "../../widgets/verdict-mark.tsx";
import { Section } from "./section.tsx";
import { texts } from "./texts.ts";

type Pressure = OutputOf<"Get-ResourceThrottling">;

const CALL = { cmdlet: "Get-ResourceThrottling", parameters: {} } as const;
const LEVELS = {
  Low: { verdict: "Pass", color: "success" },
  Medium: { verdict: "Warning", color: "warning" },
  High: { verdict: "Fail", color: "error" },
} as const;

const useStyles = makeStyles({
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(260px, 100%), 1fr))",
    gap: "16px",
  },
  one: { display: "flex", flexDirection: "column", gap: "4px", minWidth: 0 },
  head: { display: "flex", alignItems: "center", gap: "8px" },
});

/** Resources that are watched, each with its level, its thresholds and what that does. */
export function PressureSection() {
  const styles = useStyles();
  const reading = useCmdlet(CALL, { refreshMs: 5000 });
  return (
    <Section title={texts.pressure} about={texts.pressureAbout}>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      <ul className={styles.list}>
        {reading.data?.objects.map((one) => (
          <Resource key={one.Resource} pressure={one} />
        ))}
      </ul>
      <div>
        <ShowCmdlet call={CALL} />
      </div>
    </Section>
  );
}

function Resource({ pressure }: { readonly pressure: Pressure }) {
  const styles = useStyles();
  const { Resource: name, Level: level, CurrentValue: value, Unit: unit } = pressure;
  if (name === null || level === null) return null;
  const told = (amount: number | null) => (amount === null ? "" : texts.value(amount, unit ?? ""));
  const high = pressure.MediumToHigh ?? 1;
  return (
    <li className={styles.one}>
      <span className={styles.head}>
        <VerdictMark verdict={LEVELS[level].verdict} />
        <Text weight="semibold">
          {texts[name]}: {level}
        </Text>
      </span>
      <ProgressBar
        aria-label={texts[name]}
        color={LEVELS[level].color}
        value={Math.min(1, (value ?? 0) / high)}
      />
      <Text>{told(value)}</Text>
      <Text size={200}>{texts.thresholds(pressure.LowToMedium ?? 0, high)}</Text>
      <Text size={200}>{pressure.Effect === "none" ? texts.effectNone : pressure.Effect}</Text>
    </li>
  );
}
