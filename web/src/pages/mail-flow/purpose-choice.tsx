import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { ChevronRightRegular } from "@fluentui/react-icons";
import { HOVERED } from "../../widgets/marked-style.ts";
import { texts } from "./connector-texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "8px" },
  title: { margin: 0, fontSize: tokens.fontSizeBase400 },
  choice: {
    display: "flex",
    alignItems: "center",
    gap: "12px",
    padding: "10px 12px",
    textAlign: "start",
    font: "inherit",
    color: "inherit",
    cursor: "pointer",
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    ":hover": HOVERED,
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  words: { display: "flex", flexDirection: "column", flexGrow: 1, minWidth: 0 },
  sign: { flexShrink: 0 },
  hint: { color: tokens.colorNeutralForeground2 },
});

/** What something new may be for. */
export interface Purpose {
  readonly key: string;
  readonly title: string;
  readonly hint: string;
}

/** Asks what something new is for; what it then needs follows from that. */
export function PurposeChoice(props: {
  readonly purposes: readonly Purpose[];
  /** The question; absent: what it is for. */
  readonly title?: string;
  readonly onChoose: (key: string) => void;
}) {
  const styles = useStyles();
  // With a title of its own it stands in a page, without in a panel, which has a heading already.
  const Heading = props.title === undefined ? "h3" : "h2";
  return (
    <div className={styles.root}>
      <Heading className={styles.title}>{props.title ?? texts.purposeQuestion}</Heading>
      {props.purposes.map(({ key, title, hint }) => (
        <button
          key={key}
          type="button"
          className={styles.choice}
          onClick={() => props.onChoose(key)}
        >
          <span className={styles.words}>
            <Text weight="semibold">{title}</Text>
            <Text size={200} className={styles.hint}>
              {hint}
            </Text>
          </span>
          <ChevronRightRegular className={styles.sign} aria-hidden />
        </button>
      ))}
    </div>
  );
}
