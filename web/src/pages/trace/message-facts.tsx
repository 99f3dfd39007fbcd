import { Button, makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import { formatDateTime } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { PropertyList } from "../../widgets/property-list.tsx";
import { arrayRows } from "../../widgets/row-source.ts";
import { StatusMark } from "./status-mark.tsx";
import { texts } from "./texts.ts";
import type { TraceRow } from "./traced-message.ts";

/** More of them than that are scrolled. */
const ROWS_SHOWN_MAX = 6;

const useStyles = makeStyles({
  card: {
    display: "flex",
    flexDirection: "column",
    gap: "12px",
    padding: "12px 16px",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  sides: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) minmax(0, 1fr)",
    gap: "4px 24px",
    "@media (max-width: 1023px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  fate: { display: "flex", gap: "8px", alignItems: "start", overflowWrap: "anywhere" },
  words: { minWidth: 0, display: "flex", flexDirection: "column" },
  quiet: { color: tokens.colorNeutralForeground2 },
  failed: { color: tokens.colorPaletteRedForeground1 },
  table: { display: "flex", flexDirection: "column" },
  few: { height: "250px" },
});

/** What a message is, and what became of it for each of its recipients. */
export function MessageFacts(props: {
  readonly rows: readonly TraceRow[];
  readonly first: TraceRow;
  /** Whose story is told; absent: that of all. */
  readonly recipient: string | undefined;
  readonly onRecipient: (recipient: string | undefined) => void;
}) {
  const { rows, first, recipient, onRecipient } = props;
  const styles = useStyles();
  return (
    <section className={styles.card} aria-label={texts.facts}>
      <div className={styles.sides}>
        <PropertyList
          cmdlet="Get-MessageTrace"
          object={first}
          names={["SenderAddress", "Received", "Size"]}
        />
        <PropertyList
          cmdlet="Get-MessageTrace"
          object={first}
          names={["MessageId", "FromIP", "MessageTraceId"]}
        />
      </div>
      {rows.length === 1 ? (
        <Fate row={first} />
      ) : (
        <>
          <div
            className={mergeClasses(styles.table, rows.length > ROWS_SHOWN_MAX && styles.few)}
            // As high as its rows and its head, and no lower than tables are.
            style={rows.length > ROWS_SHOWN_MAX ? {} : { height: heightOf(rows.length) }}
          >
            <DataTable
              label={texts.recipients}
              columns={COLUMNS}
              rows={arrayRows(rows)}
              keyOf={({ RecipientAddress }) => RecipientAddress ?? ""}
              nameOf={({ RecipientAddress }) => visibleText(RecipientAddress ?? "")}
              openKey={recipient}
              onOpen={({ RecipientAddress }) => onRecipient(RecipientAddress ?? undefined)}
            />
          </div>
          <div>
            {recipient === undefined ? (
              <Text className={styles.quiet}>{texts.chooseRecipient}</Text>
            ) : (
              <Button size="small" onClick={() => onRecipient(undefined)}>
                {texts.showAll}
              </Button>
            )}
          </div>
        </>
      )}
    </section>
  );
}

function heightOf(rowCount: number): string {
  return `${Math.max(162, (rowCount + 1) * 36 + 4)}px`;
}

/** What became of it for its only recipient. */
function Fate({ row }: { readonly row: TraceRow }) {
  const styles = useStyles();
  const { Status, RecipientAddress, Detail, LastEvent, Via } = row;
  const status = Status ?? "";
  return (
    <div className={styles.fate}>
      <StatusMark status={status} />
      <div className={styles.words}>
        <Text weight="semibold">
          <bdi>{visibleText(RecipientAddress ?? "")}</bdi>: {texts.statusName(status)}
        </Text>
        {Detail && (
          <Text {...(status === "Failed" && { className: styles.failed })}>
            <bdi>{visibleText(Detail)}</bdi>
          </Text>
        )}
        <Text size={200} className={styles.quiet}>
          {formatDateTime(LastEvent ?? "")}
          {Via && Via.length > 0 && `, ${texts.via(visibleText(Via.join(", ")))}`}
        </Text>
      </div>
    </div>
  );
}

const COLUMNS: readonly Column<TraceRow>[] = [
  {
    key: "mark",
    title: "",
    label: texts.status,
    width: "24px",
    priority: 1,
    render: ({ Status }) => <StatusMark status={Status ?? ""} />,
  },
  {
    key: "recipient",
    title: texts.recipient,
    width: "minmax(120px, 2fr)",
    priority: 1,
    render: ({ RecipientAddress }) => <bdi>{visibleText(RecipientAddress ?? "")}</bdi>,
  },
  {
    key: "status",
    title: texts.status,
    width: "130px",
    priority: 2,
    render: ({ Status }) => texts.statusName(Status ?? ""),
  },
  {
    key: "detail",
    title: texts.answer,
    width: "minmax(120px, 3fr)",
    priority: 2,
    render: ({ Detail }) => <bdi>{visibleText(Detail ?? "")}</bdi>,
  },
  {
    key: "last",
    title: texts.lastEvent,
    width: "180px",
    priority: 3,
    render: ({ LastEvent }) => formatDateTime(LastEvent ?? ""),
  },
];
