import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { visibleText } from "../../base/visible-text.ts";
import { describePart, hasPart, type RulePart, type RuleValues } from "./rule-parts.ts";

const useStyles = makeStyles({
  list: { margin: 0, paddingInlineStart: "20px", overflowWrap: "anywhere" },
  value: { fontWeight: tokens.fontWeightSemibold },
});

/** A condition or action as a sentence, with its values. */
export function PartSentence(props: { readonly part: RulePart; readonly values: RuleValues }) {
  const styles = useStyles();
  return describePart(props.part, props.values).map(({ text, isValue }, at) => {
    // The pieces of a sentence have no names, and never change their order.
    const key = `${at}`;
    if (!isValue) return <span key={key}>{text}</span>;
    return (
      <bdi key={key} className={styles.value}>
        {visibleText(text)}
      </bdi>
    );
  });
}

/** Those that a rule has, one below the other, or what there is in place of them. */
export function PartList(props: {
  readonly parts: readonly RulePart[];
  readonly values: RuleValues;
  readonly none: string;
}) {
  const { parts, values, none } = props;
  const styles = useStyles();
  const own = parts.filter((part) => hasPart(part, values));
  if (own.length === 0) return <Text>{none}</Text>;
  return (
    <ul className={styles.list}>
      {own.map((part) => (
        <li key={part.name}>
          <PartSentence part={part} values={values} />
        </li>
      ))}
    </ul>
  );
}

/** All that a rule says as plain text, on one line. */
export function summaryOf(
  parts: { readonly conditions: readonly RulePart[]; readonly actions: readonly RulePart[] },
  values: RuleValues,
  words: { readonly every: string; readonly and: string },
): string {
  const tell = (list: readonly RulePart[]) =>
    list
      .filter((part) => hasPart(part, values))
      .map((part) =>
        describePart(part, values)
          .map(({ text }) => text)
          .join(""),
      )
      .join(` ${words.and} `);
  const conditions = tell(parts.conditions) || words.every;
  return visibleText(`${conditions}: ${tell(parts.actions)}`);
}
