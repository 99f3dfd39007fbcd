import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { textOf } from "../../base/text-of.ts";
import { visibleText } from "../../base/visible-text.ts";
import { PropertyList } from "../../widgets/property-list.tsx";
import { TreeView } from "../../widgets/tree-view.tsx";
import type { Stream } from "../../widgets/use-stream.ts";
import { VerdictMark, verdictOf } from "../../widgets/verdict-mark.tsx";
import type { ConnectorTest } from "./connector-tests.ts";
import { texts } from "./troubleshooter-texts.ts";

type Row = Readonly<Record<string, unknown>>;

const useStyles = makeStyles({
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    display: "flex",
    flexDirection: "column",
    gap: "10px",
  },
  item: { display: "flex", gap: "8px", alignItems: "start" },
  words: { display: "flex", flexDirection: "column", minWidth: 0, overflowWrap: "anywhere" },
  quiet: { color: tokens.colorNeutralForeground2 },
  zone: {
    margin: "4px 0 0",
    padding: "6px 8px",
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
    whiteSpace: "pre-wrap",
    overflowWrap: "anywhere",
  },
});

/** What a test has put out so far. */
export function TestAnswer(props: { readonly test: ConnectorTest; readonly stream: Stream }) {
  const { test, stream } = props;
  const { objects } = stream.state;
  switch (test.view) {
    case "tree":
      return <TreeView cmdlet={test.cmdlet} objects={objects} label={test.title} />;
    case "doors":
      return <Doors doors={objects} />;
    case "records":
      return <Records records={objects} />;
    case "properties":
      return objects.map((one) => (
        <PropertyList key={String(one["MessageTraceId"])} cmdlet={test.cmdlet} object={one} />
      ));
  }
}

function Doors({ doors }: { readonly doors: readonly Row[] }) {
  const styles = useStyles();
  return (
    <ul className={styles.list}>
      {doors.map((door) => {
        const status = String(door["StatusCode"]);
        return (
          <li key={`${door["ReceiveConnector"]} ${door["Binding"]}`} className={styles.item}>
            <VerdictMark verdict={status === "Success" ? "Pass" : "Fail"} />
            <span className={styles.words}>
              <Text weight="semibold">
                {String(door["ReceiveConnector"])} ({String(door["Binding"])}): {status}
              </Text>
              <Text className={styles.quiet}>
                <bdi>{visibleText(textOf(door["Details"] ?? ""))}</bdi>
              </Text>
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Records({ records }: { readonly records: readonly Row[] }) {
  const styles = useStyles();
  return (
    <ul className={styles.list}>
      {records.map((record) => (
        <li
          key={`${record["Domain"]} ${record["Record"]} ${record["Name"]}`}
          className={styles.item}
        >
          <VerdictMark verdict={verdictOf(record["Verdict"])} />
          <span className={styles.words}>
            <Text weight="semibold">
              {textOf(record["Domain"] ?? texts.server)}: {String(record["Record"])}
            </Text>
            <Text>
              <bdi>{visibleText(textOf(record["Detail"] ?? ""))}</bdi>
            </Text>
            <ZoneLines title={texts.found} lines={record["Found"]} />
            {record["Verdict"] !== "Pass" && (
              <ZoneLines title={texts.expected} lines={record["Expected"]} />
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

function ZoneLines({ title, lines }: { readonly title: string; readonly lines: unknown }) {
  const styles = useStyles();
  if (!Array.isArray(lines) || lines.length === 0) return null;
  return (
    <>
      <Text size={200} className={styles.quiet}>
        {title}
      </Text>
      <code className={styles.zone}>{lines.map(zoneText).join("\n")}</code>
    </>
  );
}

/** A line end within a record does not make two of it. */
function zoneText(line: unknown): string {
  return visibleText(String(line)).replaceAll("\n", "\u240a");
}
