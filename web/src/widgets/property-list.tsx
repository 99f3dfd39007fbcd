import { makeStyles, tokens } from "@fluentui/react-components";
import { Fragment } from "react";
import { useFacts, type ValueSchema } from "../api/facts.ts";
import { formatBytes, formatDateTime, formatSpan } from "../base/format.ts";
import { formatNumber } from "../base/texts.ts";
import { visibleText } from "../base/visible-text.ts";
import { labelOf } from "./form/label.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 2fr) minmax(0, 3fr)",
    gap: "4px 16px",
    margin: 0,
    "@media (max-width: 639px)": { gridTemplateColumns: "minmax(0, 1fr)", rowGap: 0 },
  },
  term: { overflowWrap: "anywhere", color: tokens.colorNeutralForeground2 },
  value: {
    margin: 0,
    overflowWrap: "anywhere",
    whiteSpace: "pre-wrap",
    "@media (max-width: 639px)": { paddingBottom: "8px" },
  },
});

/** A value of the server in the reader's form; its kind is in the schema of its property. */
export function formatValue(value: unknown, schema: ValueSchema = {}): string {
  if (value === null || value === undefined || value === "") return "";
  const kind = schema["x-kind"];
  if (typeof value === "boolean") return value ? texts.yes : texts.no;
  if (typeof value === "number") return kind === "bytes" ? formatBytes(value) : formatNumber(value);
  if (typeof value === "string") {
    if (kind === "date") return formatDateTime(value);
    return kind === "span" ? formatSpan(value) : value;
  }
  if (Array.isArray(value)) return value.map((one) => formatValue(one)).join(", ");
  return Object.entries(value)
    .map(([name, one]) => `${name}: ${formatValue(one)}`)
    .join("; ");
}

/** As `formatValue`; a port is a name, not an amount. */
function formatProperty(name: string, value: unknown, schema: ValueSchema): string {
  return name === "Port" && typeof value === "number" ? String(value) : formatValue(value, schema);
}

/** Properties of an object, one below the other; what is empty is left out. */
export function PropertyList(props: {
  /** The cmdlet that has put it out. */
  readonly cmdlet: string;
  readonly object: Readonly<Record<string, unknown>>;
  /** In this order; absent: all. */
  readonly names?: readonly string[];
}) {
  const { cmdlet, object, names = Object.keys(object) } = props;
  const styles = useStyles();
  const facts = useFacts(cmdlet);
  const shown = names
    .filter((name) => name !== "ETag")
    .map((name) => ({ name, schema: facts?.output.properties[name] ?? {} }))
    .map((one) => ({ ...one, text: formatProperty(one.name, object[one.name], one.schema) }))
    .filter(({ text }) => text !== "");
  return (
    <dl className={styles.root}>
      {shown.map(({ name, schema, text }) => (
        <Fragment key={name}>
          <dt className={styles.term} title={schema.description}>
            {labelOf(name)}
          </dt>
          <dd className={styles.value}>
            <bdi>{visibleText(text)}</bdi>
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}
