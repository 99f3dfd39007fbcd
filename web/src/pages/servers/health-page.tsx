import { makeStyles, Switch, Text } from "@fluentui/react-components";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { visibleText } from "../../base/visible-text.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { type Verdict, VerdictMark } from "../../widgets/verdict-mark.tsx";
import { Section } from "./section.tsx";
import { texts } from "./texts.ts";

type Monitor = OutputOf<"Get-ServerHealth">;

const CALL = { cmdlet: "Get-ServerHealth", parameters: {} } as const;
const VERDICTS = { Healthy: "Pass", Degraded: "Warning", Unhealthy: "Fail" } as const;

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0 },
  one: { display: "flex", alignItems: "start", gap: "10px", padding: "6px 0" },
  words: { display: "flex", flexDirection: "column", minWidth: 0, overflowWrap: "anywhere" },
});

/** The health sets with everything that was looked at. */
export function HealthPage() {
  const [state, setState] = usePageState();
  const reading = useCmdlet(CALL, { refreshMs: 15_000 });
  const isWhole = state["only"] !== "findings";
  // What needs attention first.
  const monitors = (reading.data?.objects ?? []).toSorted(
    (left, right) => Number(isHealthy(left)) - Number(isHealthy(right)),
  );
  const shown = isWhole ? monitors : monitors.filter((monitor) => !isHealthy(monitor));
  const sets = [...new Set(shown.map(({ HealthSetName: name }) => name))];
  return (
    <>
      <PageHeader title={texts.health} about={texts.healthAbout}>
        <Switch
          label={texts.onlyFindings}
          checked={!isWhole}
          onChange={(_event, { checked }) => setState({ only: checked ? "findings" : undefined })}
        />
        <ShowCmdlet call={CALL} />
      </PageHeader>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      {reading.data && shown.length === 0 && (
        <EmptyState title={texts.allHealthy}>{texts.allHealthyHint(monitors.length)}</EmptyState>
      )}
      {sets.map((set) => (
        <HealthSet
          key={set}
          name={set ?? ""}
          monitors={shown.filter(({ HealthSetName: name }) => name === set)}
        />
      ))}
    </>
  );
}

function HealthSet(props: { readonly name: string; readonly monitors: readonly Monitor[] }) {
  const { name, monitors } = props;
  const styles = useStyles();
  return (
    <Section title={name}>
      <ul className={styles.list}>
        {monitors.map((monitor) => (
          <li key={`${monitor.Name} ${monitor.TargetResource}`} className={styles.one}>
            <VerdictMark verdict={verdictOf(monitor)} />
            <span className={styles.words}>
              <Text weight="semibold">
                {monitor.Name} <bdi>{visibleText(monitor.TargetResource ?? "")}</bdi>
              </Text>
              <Text>{visibleText(monitor.Finding ?? "")}</Text>
              {monitor.Cure && (
                <Text>
                  {texts.cure}: {visibleText(monitor.Cure)}
                </Text>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function isHealthy({ AlertValue: alert }: Monitor): boolean {
  return alert === "Healthy";
}

function verdictOf({ AlertValue: alert }: Monitor): Verdict {
  return alert === null ? "Info" : VERDICTS[alert];
}
