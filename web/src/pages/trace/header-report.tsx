import { makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import { LockClosedRegular, LockOpenRegular, WarningRegular } from "@fluentui/react-icons";
import { useMemo } from "react";
import { formatDateTime } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FORCED_COLOURS } from "../../widgets/marked-style.ts";
import { type Verdict, VerdictMark } from "../../widgets/verdict-mark.tsx";
import { decodeWords, type HeaderField, parseHeaderFields } from "./header-fields.ts";
import { numbered } from "./numbered.ts";
import {
  authenticationResults,
  isSecured,
  type Journey,
  journeyOf,
  type TimedHop,
} from "./received-hops.ts";
import { formatMilliseconds } from "./span-text.ts";
import { texts } from "./texts.ts";

/** A shorter wait is nothing to point at. */
const SLOW_MS = 10_000;
/** Clocks that differ by less agree. */
const SKEW_MS = -1500;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "16px" },
  card: {
    display: "flex",
    flexDirection: "column",
    gap: "8px",
    padding: "12px 16px",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  title: { margin: 0 },
  hops: { margin: 0, paddingInlineStart: "24px", display: "grid", gap: "10px" },
  hop: { overflowWrap: "anywhere" },
  line: { display: "flex", flexWrap: "wrap", gap: "4px 8px", alignItems: "center" },
  quiet: { color: tokens.colorNeutralForeground2 },
  slow: { color: tokens.colorPaletteDarkOrangeForeground1 },
  bar: {
    height: "6px",
    margin: "4px 0",
    minWidth: "2px",
    borderRadius: "3px",
    backgroundColor: tokens.colorBrandBackground,
    [FORCED_COLOURS]: { backgroundColor: "CanvasText" },
  },
  slowBar: { backgroundColor: tokens.colorPaletteDarkOrangeBackground3 },
  fields: {
    display: "grid",
    gridTemplateColumns: "minmax(90px, max-content) minmax(0, 1fr)",
    gap: "2px 16px",
    margin: 0,
    "@media (max-width: 639px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  name: { fontWeight: tokens.fontWeightSemibold, overflowWrap: "anywhere" },
  value: {
    margin: 0,
    overflowWrap: "anywhere",
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
  },
});

/** What a header says: the way with its delays, who vouches for the sender, all fields. */
export function HeaderReport({ text }: { readonly text: string }) {
  const styles = useStyles();
  const fields = useMemo(() => parseHeaderFields(text), [text]);
  const journey = useMemo(() => journeyOf(fields), [fields]);
  if (fields.length === 0) {
    return <EmptyState title={texts.headersNone}>{texts.headersEmptyHint}</EmptyState>;
  }
  return (
    <div className={styles.root}>
      <Way journey={journey} />
      <Checks fields={fields} />
      <section className={styles.card}>
        <Text as="h2" size={400} weight="semibold" className={styles.title}>
          {texts.fields(fields.length)}
        </Text>
        <dl className={styles.fields}>
          {numbered(fields).map(({ at, item }) => (
            <Field key={at} name={item.name} value={item.value} />
          ))}
        </dl>
      </section>
    </div>
  );
}

function Field({ name, value }: HeaderField) {
  const styles = useStyles();
  return (
    <>
      <dt className={styles.name}>{name}</dt>
      <dd className={styles.value}>
        <bdi>{visibleText(decodeWords(value))}</bdi>
      </dd>
    </>
  );
}

function Way({ journey }: { readonly journey: Journey }) {
  const styles = useStyles();
  const { hops, writtenMs, totalMs } = journey;
  const longestMs = hops.reduce((most, { delayMs = 0 }) => Math.max(most, delayMs), 0);
  return (
    <section className={styles.card}>
      <Text as="h2" size={400} weight="semibold" className={styles.title}>
        {texts.hops}
      </Text>
      {hops.length === 0 && <Text>{texts.hopsNone}</Text>}
      {writtenMs !== undefined && (
        <Text className={styles.quiet}>
          {texts.written}: {formatMoment(writtenMs)}
        </Text>
      )}
      {hops.length > 0 && (
        <ol className={styles.hops}>
          {numbered(hops).map(({ at, item }) => (
            <HopStep key={at} hop={item} longestMs={longestMs} />
          ))}
        </ol>
      )}
      {totalMs !== undefined && <Text weight="semibold">{texts.hopTotal(spanOf(totalMs))}</Text>}
    </section>
  );
}

function HopStep({ hop, longestMs }: { readonly hop: TimedHop; readonly longestMs: number }) {
  const styles = useStyles();
  const { from, fromFacts, by, atMs, delayMs = 0, with: protocol } = hop;
  const isSlow = delayMs === longestMs && delayMs >= SLOW_MS;
  const isSkewed = delayMs < SKEW_MS;
  const share = longestMs > 0 ? Math.max(0, delayMs) / longestMs : 0;
  const isSafe = isSecured(hop);
  return (
    <li className={styles.hop}>
      <div className={styles.line}>
        <Text weight="semibold">
          {texts.hopBy} <bdi>{visibleText(by || "?")}</bdi>
        </Text>
        {from !== "" && (
          <Text>
            {texts.hopFrom}{" "}
            <bdi>{visibleText(fromFacts === "" ? from : `${from} (${fromFacts})`)}</bdi>
          </Text>
        )}
      </div>
      <div className={styles.bar} hidden={share === 0} style={{ width: `${share * 60}%` }} />
      <div className={mergeClasses(styles.line, styles.quiet)}>
        <Text>{atMs === undefined ? texts.hopUndated : formatMoment(atMs)}</Text>
        {hop.delayMs !== undefined && (
          <Text {...((isSlow || isSkewed) && { className: styles.slow })}>
            {(isSlow || isSkewed) && <WarningRegular aria-hidden />}{" "}
            {delayMs < 0 ? texts.earlier(spanOf(delayMs)) : texts.later(spanOf(delayMs))}
            {isSlow && `, ${texts.hopSlow}`}
            {isSkewed && `, ${texts.hopSkewed}`}
          </Text>
        )}
        {protocol !== "" && (
          <Text>
            {isSafe ? <LockClosedRegular aria-hidden /> : <LockOpenRegular aria-hidden />}{" "}
            <bdi>{visibleText(protocol)}</bdi> ({isSafe ? texts.hopSecured : texts.hopPlain})
          </Text>
        )}
      </div>
    </li>
  );
}

const GOOD: ReadonlySet<string> = new Set(["pass", "bestguesspass"]);
const BAD: ReadonlySet<string> = new Set(["fail", "softfail", "permerror", "policy"]);

function verdictOf(result: string): Verdict {
  if (GOOD.has(result)) return "Pass";
  if (BAD.has(result)) return "Fail";
  return result === "temperror" ? "Warning" : "Info";
}

/** What servers on the way have found about the sender. */
function Checks({ fields }: { readonly fields: readonly HeaderField[] }) {
  const styles = useStyles();
  const results = useMemo(() => authenticationResults(fields), [fields]);
  if (results.length === 0) return null;
  return (
    <section className={styles.card}>
      <Text as="h2" size={400} weight="semibold" className={styles.title}>
        {texts.checks}
      </Text>
      {numbered(results).map(({ at, item }) => (
        <div key={at} className={styles.line}>
          <VerdictMark verdict={verdictOf(item.result)} />
          <Text>
            <bdi>{visibleText(texts.check(item.method, item.result, item.by))}</bdi>
          </Text>
        </div>
      ))}
    </section>
  );
}

function formatMoment(atMs: number): string {
  const at = new Date(atMs);
  return Number.isNaN(at.getTime()) ? "" : formatDateTime(at.toISOString());
}

function spanOf(spanMs: number): string {
  return formatMilliseconds(spanMs);
}
