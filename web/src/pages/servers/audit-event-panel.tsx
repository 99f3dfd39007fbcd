import {
  Button,
  makeStyles,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  Text,
} from "@fluentui/react-components";
import { ArrowUndoRegular } from "@fluentui/react-icons";
import { type ReactNode, Suspense, useState } from "react";
import { useNounFacts } from "../../api/facts.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { visibleText } from "../../base/visible-text.ts";
import { DetailPanel } from "../../widgets/detail-panel.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { PropertyList } from "../../widgets/property-list.tsx";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { givenParameters, propertyChanges } from "./audit-event.ts";
import { undoOf } from "./event-undo.ts";
import { texts } from "./texts.ts";

const FACTS = [
  ...["RunDate", "Caller", "ClientIP", "CmdletName", "ObjectModified", "Succeeded", "Error"],
  "OriginatingServer",
];

const useStyles = makeStyles({
  title: { display: "block", margin: 0, paddingBottom: "4px" },
  cell: { overflowWrap: "anywhere", verticalAlign: "top", padding: "4px 8px" },
});

/** A run of a cmdlet: what it was given, and what it has changed, before and after. */
export function AuditEventPanel(props: {
  readonly event: OutputOf<"Search-AdminAuditLog">;
  readonly onClose: () => void;
}) {
  const { event, onClose } = props;
  const changes = propertyChanges(event.ModifiedProperties);
  const parameters = givenParameters(event.CmdletParameters);
  return (
    <DetailPanel title={event.CmdletName ?? ""} onClose={onClose}>
      <Suspense>
        <PropertyList cmdlet="Search-AdminAuditLog" object={event} names={FACTS} />
        <UndoButton event={event} />
      </Suspense>
      <Part title={texts.changes}>
        {changes.length === 0 ? (
          <Text>{texts.noChanges}</Text>
        ) : (
          <Rows
            label={texts.changes}
            titles={[texts.property, texts.before, texts.after]}
            rows={changes.map(({ object, name, before, after }) =>
              name === "" ? [object, "", ""] : [name, before, after],
            )}
          />
        )}
      </Part>
      {parameters.length > 0 && (
        <Part title={texts.parameters}>
          <Rows
            label={texts.parameters}
            titles={[texts.property, texts.valueTitle]}
            rows={parameters}
          />
        </Part>
      )}
    </DetailPanel>
  );
}

/** Takes the change back, where the log says enough of how it was. */
function UndoButton({ event }: { readonly event: OutputOf<"Search-AdminAuditLog"> }) {
  const mayRun = useMayRun();
  const notify = useNotify();
  const [isAsking, setAsking] = useState(false);
  const undo = undoOf(event, useNounFacts(event.CmdletName?.split("-")[1] ?? ""));
  if (undo === undefined || !mayRun(undo.call.cmdlet)) return null;
  const verb = texts[undo.kind];
  return (
    <div>
      <Button icon={<ArrowUndoRegular />} onClick={() => setAsking(true)}>
        {verb}
      </Button>
      {isAsking && (
        <RunDialog
          title={`${verb}: ${visibleText(event.ObjectModified ?? "")}`}
          call={undo.call}
          verb={verb}
          onClose={({ isDone }) => {
            setAsking(false);
            if (isDone) notify({ title: texts.undone(visibleText(event.ObjectModified ?? "")) });
          }}
        />
      )}
    </div>
  );
}

function Part(props: { readonly title: string; readonly children: ReactNode }) {
  const styles = useStyles();
  return (
    <section>
      <Text as="h3" weight="semibold" className={styles.title}>
        {props.title}
      </Text>
      {props.children}
    </section>
  );
}

function Rows(props: {
  readonly label: string;
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}) {
  const { label, titles, rows } = props;
  const styles = useStyles();
  return (
    <Table size="small" aria-label={label}>
      <TableHeader>
        <TableRow>
          {titles.map((title) => (
            <TableHeaderCell key={title}>{title}</TableHeaderCell>
          ))}
        </TableRow>
      </TableHeader>
      <TableBody>
        {rows.map((row, at) => (
          // Rows have no names; they never change.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <TableRow key={at}>
            {titles.map((title, column) => (
              <TableCell key={title} className={styles.cell}>
                <bdi>{visibleText(row[column] ?? "")}</bdi>
              </TableCell>
            ))}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
