import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { type ShareLook, useChartColours } from "./chart-colours.ts";
import { texts, wordTexts } from "./texts.ts";
import type { Counted } from "./traffic.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "4px" },
  head: { display: "flex", flexWrap: "wrap", gap: "4px 12px", alignItems: "baseline" },
  title: { minWidth: "120px" },
  words: { color: tokens.colorNeutralForeground2 },
  bar: {
    display: "flex",
    gap: "2px",
    height: "10px",
    overflow: "hidden",
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground4,
    border: `1px solid ${tokens.colorNeutralStrokeAccessible}`,
  },
});

const LOOKS: Readonly<Record<string, ShareLook>> = {
  tls: "good",
  pass: "good",
  succeeded: "good",
  clear: "doubtful",
  fail: "bad",
  failed: "bad",
  error: "doubtful",
  held: "doubtful",
  temporary: "doubtful",
};

/** What share each of a few results has: in words and numbers, and as a bar. */
export function ShareBar({
  title,
  shares,
}: {
  readonly title: string;
  readonly shares: readonly Counted[];
}) {
  const styles = useStyles();
  const colours = useChartColours();
  const total = shares.reduce((sum, { count }) => sum + count, 0);
  const percentOf = (count: number) => Math.round((count / Math.max(1, total)) * 1000) / 10;
  const words = shares.map(({ name, count }) =>
    texts.share(wordTexts[name] ?? name, count, percentOf(count)),
  );
  return (
    <div className={styles.root}>
      <div className={styles.head}>
        <Text weight="semibold" className={styles.title}>
          {title}
        </Text>
        <Text className={styles.words}>{total === 0 ? texts.noShare : words.join(", ")}</Text>
      </div>
      <div className={styles.bar} aria-hidden>
        {shares.map(({ name, count }) => (
          <span
            key={name}
            style={{
              width: `${percentOf(count)}%`,
              backgroundColor: colours.shares[LOOKS[name] ?? "nothing"],
            }}
          />
        ))}
      </div>
    </div>
  );
}
