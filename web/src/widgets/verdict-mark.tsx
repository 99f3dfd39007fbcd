import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import {
  CheckmarkCircleFilled,
  DismissCircleFilled,
  type FluentIcon,
  InfoRegular,
  WarningFilled,
} from "@fluentui/react-icons";
import { texts } from "./texts.ts";

/** How good a step of a test is. */
export type Verdict = "Pass" | "Info" | "Warning" | "Fail";

const useStyles = makeStyles({
  root: { fontSize: "20px", flexShrink: 0, display: "inline-flex" },
  pass: { color: tokens.colorPaletteGreenForeground1 },
  info: { color: tokens.colorNeutralForeground2 },
  warning: { color: tokens.colorPaletteDarkOrangeForeground1 },
  fail: { color: tokens.colorPaletteRedForeground1 },
});

const ICONS: Readonly<Record<Verdict, FluentIcon>> = {
  Pass: CheckmarkCircleFilled,
  Info: InfoRegular,
  Warning: WarningFilled,
  Fail: DismissCircleFilled,
};

const WORDS: Readonly<Record<Verdict, string>> = {
  Pass: texts.pass,
  Info: texts.info,
  Warning: texts.warning,
  Fail: texts.fail,
};

/** The verdict that a text of the server names; what is none is for information. */
export function verdictOf(value: unknown): Verdict {
  return value === "Pass" || value === "Warning" || value === "Fail" ? value : "Info";
}

/** A verdict as a sign of its own form and colour, with its word for who sees neither. */
export function VerdictMark({ verdict }: { readonly verdict: Verdict }) {
  const styles = useStyles();
  const Icon = ICONS[verdict];
  const colour = {
    Pass: styles.pass,
    Info: styles.info,
    Warning: styles.warning,
    Fail: styles.fail,
  };
  return (
    <span
      className={mergeClasses(styles.root, colour[verdict])}
      role="img"
      aria-label={WORDS[verdict]}
      title={WORDS[verdict]}
    >
      <Icon aria-hidden />
    </span>
  );
}
