import { Badge, Field, makeStyles, Select, Switch, Text, tokens } from "@fluentui/react-components";
import { Suspense } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { formatNumber } from "../../base/texts.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { DetailPanel, SplitView } from "../../widgets/detail-panel.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { FORCED_COLOURS } from "../../widgets/marked-style.ts";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { PropertyList } from "../../widgets/property-list.tsx";
import { arrayRows } from "../../widgets/row-source.ts";
import { Warnings } from "../../widgets/run-dialog.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts } from "./dmarc-texts.ts";
import { texts as area } from "./texts.ts";

type Source = OutputOf<"Get-DmarcReport">;

const RANGES = [
  ["7d", texts.week],
  ["30d", texts.month],
  ["90d", texts.quarter],
  ["365d", texts.year],
] as const;

const PERCENT = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

const useStyles = makeStyles({
  share: { display: "flex", alignItems: "center", gap: "8px" },
  percent: { width: "48px", textAlign: "end", flexShrink: 0 },
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  tools: { display: "flex", flexWrap: "wrap", gap: "8px 16px", alignItems: "end" },
  summary: { display: "flex", flexWrap: "wrap", gap: "8px 24px" },
  fact: { display: "flex", flexDirection: "column" },
  bar: {
    display: "flex",
    flexGrow: 1,
    height: "12px",
    borderRadius: tokens.borderRadiusSmall,
    overflow: "hidden",
    backgroundColor: tokens.colorPaletteRedBackground2,
    border: `1px solid ${tokens.colorNeutralStrokeAccessible}`,
    boxSizing: "border-box",
  },
  passed: {
    height: "100%",
    backgroundColor: tokens.colorPaletteGreenBackground3,
    [FORCED_COLOURS]: { backgroundColor: "CanvasText" },
    // A gap: colour alone does not tell where one part ends.
    borderInlineEndWidth: "2px",
    borderInlineEndStyle: "solid",
    borderInlineEndColor: tokens.colorNeutralBackground1,
  },
});

const COLUMNS: readonly Column<Source>[] = [
  {
    key: "SourceIP",
    title: texts.source,
    width: "minmax(120px, 1.5fr)",
    priority: 1,
    render: ({ SourceIP }) => SourceIP,
  },
  {
    key: "HeaderFrom",
    title: texts.from,
    width: "minmax(100px, 1.5fr)",
    render: ({ HeaderFrom }) => <bdi>{visibleText(HeaderFrom ?? "")}</bdi>,
  },
  {
    key: "IsOurs",
    title: texts.whose,
    width: "90px",
    render: ({ IsOurs }) => (
      <Badge appearance="outline" color={IsOurs ? "brand" : "informative"}>
        {IsOurs ? texts.ours : texts.others}
      </Badge>
    ),
  },
  {
    key: "Share",
    title: texts.share,
    width: "minmax(90px, 2fr)",
    priority: 1,
    render: (source) => <ShareBar source={source} />,
  },
  {
    key: "MessageCount",
    title: texts.messages,
    width: "90px",
    align: "end",
    render: ({ MessageCount }) => formatNumber(MessageCount ?? 0),
  },
];

/** Who sends as us, source by source, and whether that passes. */
export function DmarcPage() {
  const styles = useStyles();
  const [state] = usePageState();
  const { domain, time = "30d", failing } = state;
  const parameters = {
    ...(domain && { Domain: domain }),
    StartDate: `-${RANGES.some(([value]) => value === time) ? time : "30d"}`,
    ...(failing === "true" && { Aligned: false }),
  };
  const call = { cmdlet: "Get-DmarcReport", parameters } as const;
  const reading = useCmdlet(call);
  return (
    <div className={styles.root}>
      <PageHeader title={area.dmarc} about={texts.about}>
        <ShowCmdlet call={call} />
      </PageHeader>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      {reading.data && <Sources sources={reading.data.objects} warnings={reading.data.warnings} />}
    </div>
  );
}

function Sources(props: {
  readonly sources: readonly Source[];
  readonly warnings: readonly string[];
}) {
  const { sources, warnings } = props;
  const [state, setState] = usePageState();
  const opened = sources.find((one) => keyOf(one) === state["open"]);
  const list = (
    <>
      <DmarcFilter />
      <Warnings warnings={warnings} />
      {sources.length > 0 && <Summary sources={sources} />}
      <DataTable
        label={area.dmarc}
        columns={COLUMNS}
        rows={arrayRows(sources)}
        keyOf={keyOf}
        nameOf={(one) => `${one.SourceIP} ${visibleText(one.HeaderFrom ?? "")}`}
        openKey={state["open"]}
        onOpen={(one) => setState({ open: keyOf(one) })}
        empty={<EmptyState title={texts.empty}>{texts.emptyHint}</EmptyState>}
      />
    </>
  );
  return (
    <SplitView list={list} detail={opened && <SourcePanel key={keyOf(opened)} source={opened} />} />
  );
}

function keyOf({ Domain, HeaderFrom, SourceIP }: Source): string {
  return `${SourceIP} ${Domain} ${HeaderFrom}`;
}

function DmarcFilter() {
  const styles = useStyles();
  const [state, setState] = usePageState();
  const mayRun = useMayRun();
  const domains = useCmdlet(
    { cmdlet: "Get-AcceptedDomain", parameters: {} },
    { isEnabled: mayRun("Get-AcceptedDomain") },
  );
  const names = (domains.data?.objects ?? [])
    .filter(({ DomainType }) => DomainType === "Authoritative")
    .map(({ DomainName }) => String(DomainName ?? ""));
  return (
    <div className={styles.tools} role="search">
      <Field label={texts.domain}>
        <Select
          value={state["domain"] ?? ""}
          onChange={(_event, { value }) => setState({ domain: value === "" ? undefined : value })}
        >
          <option value="">{texts.anyDomain}</option>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      </Field>
      <Field label={texts.time}>
        <Select
          value={state["time"] ?? "30d"}
          onChange={(_event, { value }) => setState({ time: value })}
        >
          {RANGES.map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </Select>
      </Field>
      <Switch
        label={texts.onlyFailing}
        checked={state["failing"] === "true"}
        onChange={(_event, { checked }) => setState({ failing: checked ? "true" : undefined })}
      />
    </div>
  );
}

function Summary({ sources }: { readonly sources: readonly Source[] }) {
  const styles = useStyles();
  const sum = (count: (one: Source) => number) =>
    sources.reduce((total, one) => total + count(one), 0);
  const total = sum((one) => one.MessageCount ?? 0);
  const passed = sum((one) => one.AlignedCount ?? 0);
  const ours = sum((one) => (one.IsOurs ? (one.FailedCount ?? 0) : 0));
  const others = sum((one) => (one.IsOurs ? 0 : (one.FailedCount ?? 0)));
  return (
    <div className={styles.summary}>
      <div className={styles.fact}>
        <Text weight="semibold">{texts.total(total)}</Text>
        <Text size={200}>{texts.summary(PERCENT.format(total === 0 ? 0 : passed / total))}</Text>
      </div>
      {ours > 0 && (
        <div className={styles.fact}>
          <Text weight="semibold">{texts.oursFailing(ours)}</Text>
          <Text size={200}>{texts.oursFailingHint}</Text>
        </div>
      )}
      {others > 0 && (
        <div className={styles.fact}>
          <Text weight="semibold">{texts.othersFailing(others)}</Text>
          <Text size={200}>{texts.othersFailingHint}</Text>
        </div>
      )}
    </div>
  );
}

function ShareBar({ source }: { readonly source: Source }) {
  const styles = useStyles();
  const { MessageCount, AlignedCount, FailedCount } = source;
  const words = texts.shareOf(formatNumber(AlignedCount ?? 0), formatNumber(FailedCount ?? 0));
  const width = `${(100 * (AlignedCount ?? 0)) / Math.max(1, MessageCount ?? 0)}%`;
  return (
    <div className={styles.share} role="img" aria-label={words} title={words}>
      <div className={styles.bar}>
        {AlignedCount !== 0 && <div className={styles.passed} style={{ width }} />}
      </div>
      <Text size={200} className={styles.percent} aria-hidden>
        {PERCENT.format((AlignedCount ?? 0) / Math.max(1, MessageCount ?? 0))}
      </Text>
    </div>
  );
}

function SourcePanel({ source }: { readonly source: Source }) {
  const [, setState] = usePageState();
  const { SourceIP, IsOurs, FailedCount } = source;
  const fails = (FailedCount ?? 0) > 0;
  const advice = IsOurs
    ? fails
      ? texts.adviceOursFails
      : texts.adviceOursPasses
    : fails
      ? texts.adviceOthersFails
      : texts.adviceOthersPasses;
  return (
    <DetailPanel title={SourceIP ?? ""} onClose={() => setState({ open: undefined })}>
      <ShareBar source={source} />
      <Text>{advice}</Text>
      <Suspense fallback={<Loading />}>
        <PropertyList cmdlet="Get-DmarcReport" object={source} />
      </Suspense>
    </DetailPanel>
  );
}
