import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { Link } from "@tanstack/react-router";
import { formatNumber } from "../../base/texts.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type TraceWish, traceLink } from "./trace-link.ts";

const useStyles = makeStyles({
  list: {
    display: "flex",
    flexDirection: "column",
    gap: "2px",
    listStyleType: "none",
    margin: 0,
    padding: 0,
  },
  row: {
    position: "relative",
    display: "flex",
    justifyContent: "space-between",
    alignItems: "center",
    gap: "12px",
    minHeight: "28px",
    paddingInline: "8px",
    overflow: "hidden",
    borderRadius: tokens.borderRadiusMedium,
  },
  bar: {
    position: "absolute",
    top: "2px",
    bottom: "2px",
    insetInlineStart: 0,
    backgroundColor: tokens.colorBrandBackground2,
    // All that is left of it where grounds are gone.
    borderBottom: `2px solid ${tokens.colorCompoundBrandStroke}`,
  },
  label: { position: "relative", minWidth: 0, overflowWrap: "anywhere" },
  link: {
    position: "relative",
    minWidth: 0,
    overflowWrap: "anywhere",
    color: tokens.colorNeutralForeground1,
    textDecorationLine: "underline",
    textDecorationColor: tokens.colorNeutralStrokeAccessible,
    ":hover": { color: tokens.colorBrandForeground2 },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  count: { position: "relative", flexShrink: 0 },
});

/** A row of a list of bars. */
export interface Bar {
  readonly key: string;
  /** May be anybody's text. */
  readonly label: string;
  readonly count: number;
  /** What its click traces; absent: it is no link. */
  readonly trace?: TraceWish | undefined;
  /** What else is to be known of the count. */
  readonly hint?: string | undefined;
}

/** Names with how often each was counted, and a bar as long: a chart that is its own table. */
export function BarList({
  label,
  bars,
}: {
  readonly label: string;
  readonly bars: readonly Bar[];
}) {
  const styles = useStyles();
  const most = Math.max(1, ...bars.map(({ count }) => count));
  return (
    <ol className={styles.list} aria-label={label}>
      {bars.map((bar) => (
        <li key={bar.key} className={styles.row}>
          <span
            className={styles.bar}
            aria-hidden
            // It ends before the numbers.
            style={{ width: `calc((100% - 72px) * ${bar.count / most})` }}
          />
          {bar.trace === undefined ? (
            <bdi className={styles.label}>{visibleText(bar.label)}</bdi>
          ) : (
            <Link {...traceLink(bar.trace)} className={styles.link}>
              <bdi>{visibleText(bar.label)}</bdi>
            </Link>
          )}
          <Text className={styles.count} title={bar.hint} font="numeric">
            {formatNumber(bar.count)}
          </Text>
        </li>
      ))}
    </ol>
  );
}
