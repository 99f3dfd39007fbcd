import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import {
  CheckmarkCircleFilled,
  ClockRegular,
  DismissCircleFilled,
  type FluentIcon,
  PeopleRegular,
  ShieldErrorRegular,
} from "@fluentui/react-icons";
import { texts } from "./texts.ts";
import { statusCounts, type TracedMessage } from "./traced-message.ts";

const useStyles = makeStyles({
  mark: { display: "inline-flex", flexShrink: 0, fontSize: "20px", verticalAlign: "middle" },
  good: { color: tokens.colorPaletteGreenForeground1 },
  plain: { color: tokens.colorNeutralForeground2 },
  waiting: { color: tokens.colorPaletteDarkOrangeForeground1 },
  bad: { color: tokens.colorPaletteRedForeground1 },
});

type Tone = "good" | "plain" | "waiting" | "bad";

const MARKS: Readonly<Record<string, readonly [FluentIcon, Tone]>> = {
  Delivered: [CheckmarkCircleFilled, "good"],
  Expanded: [PeopleRegular, "plain"],
  Pending: [ClockRegular, "waiting"],
  GettingStatus: [ClockRegular, "waiting"],
  Quarantined: [ShieldErrorRegular, "waiting"],
  FilteredAsSpam: [ShieldErrorRegular, "waiting"],
  Failed: [DismissCircleFilled, "bad"],
};

/** What became of a message, as a sign of its own form and colour, with its word. */
export function StatusMark({ status }: { readonly status: string }) {
  const styles = useStyles();
  const [Icon, tone] = MARKS[status] ?? [ClockRegular, "plain"];
  const word = texts.statusName(status);
  return (
    <span
      className={mergeClasses(styles.mark, styles[tone])}
      role="img"
      aria-label={word}
      title={word}
    >
      <Icon aria-hidden />
    </span>
  );
}

/** `Failed`, or how many of its recipients came to what. */
export function statusWords({ rows }: Pick<TracedMessage, "rows">): string {
  const counts = statusCounts(rows);
  const [only, other] = counts;
  if (only !== undefined && other === undefined) return texts.statusName(only.status);
  return counts.map(({ status, count }) => `${count} ${texts.statusName(status)}`).join(", ");
}
